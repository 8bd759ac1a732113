# SPDX-License-Identifier: MIT
"""Stands between the daemon and the XMPP server's component port, so that the connection can be cut and so that it is known
what the daemon has written."""

import asyncio

from private import free_port



class LinkProxy:
    """written(text): what the daemon sends passes here; a piece that may hold half a token is passed whole."""

    def __init__(self, server_port, written):
        self.server_port, self.written = server_port, written
        self.port = free_port()
        self.transports, self.open_after = set(), 0.0

    async def start(self):
        self.listener = await asyncio.start_server(self._accept, "127.0.0.1", self.port)
        return self

    def cut(self, closed_s):
        """Both ends see their connection reset; new ones are refused for closed_s."""
        self.open_after = asyncio.get_running_loop().time() + closed_s
        for transport in list(self.transports):
            transport.abort()

    async def stop(self):
        self.listener.close()
        self.cut(0)

    async def _accept(self, reader, writer):
        try:
            if asyncio.get_running_loop().time() < self.open_after:
                raise ConnectionRefusedError
            far_reader, far_writer = await asyncio.open_connection("127.0.0.1", self.server_port)
        except OSError:
            writer.transport.abort()
            return
        ends = {writer.transport, far_writer.transport}
        self.transports |= ends
        pumps = [asyncio.ensure_future(self._pump(reader, far_writer, self.written)),
                 asyncio.ensure_future(self._pump(far_reader, writer, None))]
        try:
            await asyncio.wait(pumps, return_when=asyncio.FIRST_COMPLETED)
        finally:
            self.transports -= ends
            for pump in pumps:
                pump.cancel()
            for transport in ends:
                transport.abort()

    @staticmethod
    async def _pump(reader, writer, written):
        rest = ""
        try:
            while data := await reader.read(65536):
                writer.write(data)
                if written:
                    text = rest + data.decode("utf-8", "replace")
                    whole = text.rfind(">") + 1  # tokens hold no '>', so none is split here
                    written(text[:whole])
                    rest = text[whole:]
        except (OSError, asyncio.CancelledError):
            pass
