# SPDX-License-Identifier: MIT
"""Watches loopback (AF_PACKET, so as root) and hands out what passes: SIP messages over UDP, stanzas on a component link.
Nothing stands between the programs; what is shown is what they sent."""

import asyncio
import socket
import struct
import xml.etree.ElementTree as ET

import sip_message

ETH_P_IP = 0x0800
PACKET_OUTGOING = 4  # on loopback each packet passes twice: once going out, once coming in
UDP, TCP = 17, 6


class XmlHalf:
    """One direction of a TCP stream that carries XML: segments in, stanzas out."""

    def __init__(self):
        self.expected = None
        self.early = {}
        self.parser, self.depth = ET.XMLPullParser(("start", "end")), 0

    def _join(self, sequence):
        """In the middle of a stream, between two stanzas: its header has passed already."""
        self.expected = sequence
        self.parser.feed(b"<stream xmlns='jabber:component:accept' xmlns:stream='http://etherx.jabber.org/streams'>")

    def stanzas(self, sequence, is_first, data):
        if is_first:
            self.__init__()
            self.expected = (sequence + 1) & 0xffffffff
        if self.expected is None and data.startswith(b"<"):
            self._join(sequence)
        if self.expected is None or not data:
            return
        self.early[sequence] = data
        while self.expected in self.early:
            part = self.early.pop(self.expected)
            self.expected = (self.expected + len(part)) & 0xffffffff
            self.parser.feed(part)
        for event, element in self.parser.read_events():
            self.depth += 1 if event == "start" else -1
            if event == "end" and self.depth == 1:
                yield element


class WireTap:
    """on_sip(to_bridge, SipMessage) and on_xmpp(to_bridge, element) are called on the loop as things pass."""

    def __init__(self, bridge_sip_port, component_port, on_sip, on_xmpp):
        self.sip_port, self.component_port = bridge_sip_port, component_port
        self.on_sip, self.on_xmpp = on_sip, on_xmpp
        self.halves = {True: XmlHalf(), False: XmlHalf()}

    def start(self):
        """PermissionError where packets may not be watched."""
        self.socket = socket.socket(socket.AF_PACKET, socket.SOCK_DGRAM, socket.htons(ETH_P_IP))
        self.socket.bind(("lo", ETH_P_IP))
        self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1 << 22)
        self.socket.setblocking(False)
        asyncio.get_running_loop().add_reader(self.socket, self._readable)
        return self

    def stop(self):
        asyncio.get_running_loop().remove_reader(self.socket)
        self.socket.close()

    def _readable(self):
        while True:
            try:
                packet, address = self.socket.recvfrom(65536)
            except BlockingIOError:
                return
            if address[2] != PACKET_OUTGOING and len(packet) >= 28 and packet[0] >> 4 == 4:
                self._packet(packet)

    def _packet(self, packet):
        header = (packet[0] & 15) * 4
        protocol, payload = packet[9], packet[header:struct.unpack_from("!H", packet, 2)[0]]
        source, target = struct.unpack_from("!HH", payload)
        if protocol == UDP and self.sip_port in (source, target) and len(payload) > 12:
            self.on_sip(target == self.sip_port, sip_message.parse(payload[8:]))
        elif protocol == TCP and self.component_port in (source, target):
            sequence, offset_flags = struct.unpack_from("!I", payload, 4)[0], struct.unpack_from("!H", payload, 12)[0]
            data = payload[(offset_flags >> 12) * 4:]
            to_bridge = source == self.component_port
            try:
                for element in self.halves[to_bridge].stanzas(sequence, bool(offset_flags & 2), data):
                    self.on_xmpp(to_bridge, element)
            except ET.ParseError:
                self.halves[to_bridge] = XmlHalf()
