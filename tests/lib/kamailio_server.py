# SPDX-License-Identifier: MIT
"""A private Kamailio as the SIP side: registrar, presence server and proxy of one domain, all in memory. Requests to the XMPP
domain go to the bridge."""

import socket

from private import free_port, wait_until

CONFIG = """#!KAMAILIO
debug=1
log_stderror=yes
fork=yes
children=2
tcp_children=2
auto_aliases=no
listen=udp:127.0.0.1:{port}
listen=tcp:127.0.0.1:{port}
alias="{domain}"
server_header="Server: kamailio"
loadmodule "tm.so"
loadmodule "sl.so"
loadmodule "rr.so"
loadmodule "maxfwd.so"
loadmodule "pv.so"
loadmodule "textops.so"
loadmodule "siputils.so"
loadmodule "usrloc.so"
loadmodule "registrar.so"
loadmodule "presence.so"
loadmodule "presence_xml.so"
modparam("usrloc", "db_mode", 0)
modparam("presence", "subs_db_mode", 0)
modparam("presence", "publ_cache", 2)
modparam("presence", "server_address", "sip:127.0.0.1:{port};transport={transport}")
modparam("presence", "min_expires", 10)
modparam("presence_xml", "force_active", 1)

request_route {{
  if (!mf_process_maxfwd_header("20")) {{ sl_send_reply("483", "Too Many Hops"); exit; }}
  if (has_totag()) {{ route(WITHIN); exit; }}
  if (is_method("CANCEL")) {{ if (t_check_trans()) t_relay(); exit; }}
  if (is_method("REGISTER")) {{ save("location"); exit; }}
  if (is_method("OPTIONS") && $rU == $null) {{ sl_send_reply("200", "OK"); exit; }}
  if ($rd == "{xmpp_host}") {{
    record_route();
    $du = "sip:127.0.0.1:{bridge};transport={transport}";
    t_relay();
    exit;
  }}
  if (uri != myself) {{ sl_send_reply("404", "Not here"); exit; }}
  if (is_method("PUBLISH|SUBSCRIBE") && $hdr(Event) =~ "^presence") {{ route(PRESENCE); exit; }}
  if (!lookup("location")) {{ sl_send_reply("404", "Not Found"); exit; }}
  if (is_method("INVITE")) record_route();
  t_relay();
}}

route[WITHIN] {{
  if (loose_route()) {{
    if (is_method("SUBSCRIBE") && uri == myself) {{ route(PRESENCE); exit; }}
    t_relay();
    exit;
  }}
  if (is_method("SUBSCRIBE") && uri == myself) {{ route(PRESENCE); exit; }}
  if (is_method("ACK")) {{ if (t_check_trans()) t_relay(); exit; }}
  if (uri == myself) {{ sl_send_reply("481", "No such dialog"); exit; }}
  t_relay();
}}

route[PRESENCE] {{
  if (!t_newtran()) {{ sl_reply_error(); exit; }}
  if (is_method("PUBLISH")) handle_publish();
  else handle_subscribe();
  t_release();
}}
"""


class Kamailio:
    def __init__(self, room, domain, xmpp_host, bridge_port, transport="udp", port=None):
        self.room, self.port = room, port or free_port()
        self.transport = transport
        self.dir = room.folder("kamailio")
        self.config = self.dir / "kamailio.cfg"
        self.config.write_text(CONFIG.format(port=self.port, domain=domain, xmpp_host=xmpp_host, bridge=bridge_port,
                                             transport=transport))
        self.process = None

    def start(self):
        """-DD: it stays in the foreground; -Y: its run-time files go to our folder; no privileges to drop, none to gain."""
        self.process = self.room.start("kamailio", ["kamailio", "-f", str(self.config), "-Y", str(self.dir), "-m", "32",
                                                    "-M", "4", "-DD", "-E", "-P", str(self.dir / "pid")])
        wait_until(self.process, self._answers, "answering OPTIONS")

    def _answers(self):
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as s:
            s.bind(("127.0.0.1", 0))
            s.settimeout(0.3)
            port = s.getsockname()[1]
            text = (f"OPTIONS sip:127.0.0.1:{self.port} SIP/2.0\r\nVia: SIP/2.0/UDP 127.0.0.1:{port};branch=z9hG4bKstart\r\n"
                    "From: <sip:start@invalid>;tag=1\r\nTo: <sip:start@invalid>\r\nCall-ID: start\r\nCSeq: 1 OPTIONS\r\n"
                    "Max-Forwards: 70\r\nContent-Length: 0\r\n\r\n")
            try:
                s.sendto(text.encode(), ("127.0.0.1", self.port))
                return s.recv(4096).startswith(b"SIP/2.0 200")
            except OSError:
                return False

    def stop(self):
        self.room.stop(self.process)
