# SPDX-License-Identifier: MIT
"""Certificates for tests, made on the spot with the openssl command: one authority, and whoever it vouches for."""

import pathlib
import subprocess


class Authority:
    def __init__(self, folder, name="Test CA"):
        self.folder = pathlib.Path(folder)
        self.folder.mkdir(parents=True, exist_ok=True)
        self.path = self.folder / "ca.pem"
        self._run("req", "-x509", "-new", "-nodes", *self._key("ca"), "-subj", f"/CN={name}", "-days", "30",
                  "-out", str(self.path))

    def _key(self, name):
        return ("-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-keyout", str(self.folder / f"{name}.key"))

    def _run(self, *words):
        done = subprocess.run(["openssl", *words], capture_output=True, text=True, check=False, cwd=self.folder)
        if done.returncode:
            raise RuntimeError(f"openssl {words[0]}: {done.stderr}")

    def issue(self, name, days=30):
        """A certificate for one host name, both roles; days may be negative: it has expired. Gives (cert, key)."""
        extensions = self.folder / f"{name}.ext"
        extensions.write_text(f"subjectAltName=DNS:{name}\nextendedKeyUsage=serverAuth,clientAuth\n")
        request, cert = self.folder / f"{name}.csr", self.folder / f"{name}.pem"
        self._run("req", "-new", "-nodes", *self._key(name), "-subj", f"/CN={name}", "-out", str(request))
        self._run("x509", "-req", "-in", str(request), "-CA", str(self.path), "-CAkey", str(self.folder / "ca.key"),
                  "-CAcreateserial", "-days", str(days), "-extfile", str(extensions), "-out", str(cert))
        return cert, self.folder / f"{name}.key"
