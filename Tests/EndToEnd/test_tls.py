"""TLS from outside: a certificate that is in order is trusted by name, and no other one."""

import json
import os
import shutil
import ssl
import unittest

import giga


def certificate(folder, name, words, days="2", signer=None):
    """A key and a certificate made by openssl; signed by `signer`, or by itself."""
    at = {part: os.path.join(folder, f"{name}.{part}") for part in ("key", "csr", "pem", "ext")}
    with open(at["ext"], "w") as file:
        file.write("\n".join(words) + "\n")
    run = ["openssl", "req", "-new", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes",
           "-subj", f"/CN={name}", "-keyout", at["key"], "-out", at["csr"]]
    done = giga.run(run)
    if done.returncode:
        raise AssertionError(done.stderr)
    sign = ["openssl", "x509", "-req", "-in", at["csr"], "-out", at["pem"], "-days", days,
            "-extfile", at["ext"]]
    sign += ["-CA", f"{signer}.pem", "-CAkey", f"{signer}.key", "-CAcreateserial"] if signer else \
        ["-signkey", at["key"]]
    done = giga.run(sign)
    if done.returncode:
        raise AssertionError(done.stderr)
    return at["pem"], at["key"]


@unittest.skipUnless(shutil.which("openssl"), "no openssl here")
class TLS(unittest.TestCase):
    def setUp(self):
        self.fleet = giga.Fleet(self)
        self.folder = giga.fresh_folder(self)
        self.authority, _ = certificate(self.folder, "authority", ["basicConstraints=CA:TRUE"])
        self.signer = os.path.join(self.folder, "authority")

    def made(self, name, alternative, days="2"):
        return certificate(self.folder, name, [f"subjectAltName={alternative}"], days, self.signer)

    def serve(self, pem, key):
        self.fleet.serve("--tls-cert", pem, "--tls-key", key)
        self.assertTrue(self.fleet.url.startswith("https://"), self.fleet.url)

    def jobs(self, *words, **environment):
        return self.fleet.giga("jobs", "--json", *words, env=dict(self.fleet.env, **environment))

    def test_a_certificate_of_a_known_authority_is_trusted_by_commands_and_factories(self):
        self.serve(*self.made("good", "IP:127.0.0.1,DNS:localhost"))
        unknown = self.jobs()
        self.assertEqual(unknown.returncode, 7, unknown.stderr)
        self.assertIn("could not prove", unknown.stderr)
        for words, environment in [(["--ca-file", self.authority], {}),
                                   ([], {"SSL_CERT_FILE": self.authority})]:
            done = self.jobs(*words, **environment)
            self.assertEqual(done.returncode, 0, done.stderr)
            self.assertEqual(json.loads(done.stdout)["total"], 0)
        factory = self.fleet.factory("f", SSL_CERT_FILE=self.authority)
        self.addCleanup(factory.end)

        def listed():
            done = self.fleet.giga("factory", "list", "--json=all", "--ca-file", self.authority)
            return done.returncode == 0 and json.loads(done.stdout)["factories"]
        self.assertEqual(giga.until(listed, 20, "the factory")[0]["name"], "f")
        context = ssl.create_default_context(cafile=self.authority)
        with context.wrap_socket(giga.socket.create_connection(("127.0.0.1", self.fleet.port)),
                                 server_hostname="127.0.0.1") as line:
            line.sendall(b"GET /healthz HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n")
            self.assertIn(b" 200 ", line.recv(4096))
            self.assertIn(line.version(), ("TLSv1.2", "TLSv1.3"))

    def test_a_certificate_of_another_name_is_refused(self):
        self.serve(*self.made("other", "DNS:other.example"))
        done = self.jobs("--ca-file", self.authority)
        self.assertEqual(done.returncode, 7, done.stderr)
        self.assertIn("could not prove", done.stderr)

    def test_an_expired_certificate_is_refused(self):
        self.serve(*self.made("old", "IP:127.0.0.1", days="-1"))
        done = self.jobs("--ca-file", self.authority)
        self.assertEqual(done.returncode, 7, done.stderr)
        self.assertIn("could not prove", done.stderr)

    def test_plain_http_gets_nothing_from_it(self):
        self.serve(*self.made("good", "IP:127.0.0.1"))
        done = self.fleet.giga("jobs", "--coordinator", f"http://127.0.0.1:{self.fleet.port}")
        self.assertEqual(done.returncode, 7, done.stderr)

    def refused(self, *words):
        done = self.fleet.giga("serve", "--data", self.fleet.data, *words, timeout=30)
        self.assertEqual(done.returncode, 2, done.stderr)
        return done.stderr

    def test_nothing_but_loopback_is_served_in_the_clear(self):
        said = self.refused("--listen", "0.0.0.0:0")
        self.assertIn("in the clear", said)
        self.assertIn("--tls-cert", said)
        pem, key = self.made("good", "IP:127.0.0.1")
        sign = os.path.join(self.folder, "url")
        served = self.fleet.start("open", [
            self.fleet.binary, "serve", "--data", self.fleet.data, "--listen", "0.0.0.0:0",
            "--port-file", sign, "--tls-cert", pem, "--tls-key", key])
        giga.until(lambda: os.path.exists(sign), 20, "the port file")
        self.assertEqual(served.end(), 0)

    def test_half_an_identity_and_what_is_no_pem_are_refused(self):
        pem, key = self.made("good", "IP:127.0.0.1")
        self.assertIn("go together", self.refused("--tls-cert", pem))
        self.assertIn("go together", self.refused("--tls-key", key))
        self.assertIn("private key", self.refused("--tls-cert", pem, "--tls-key", pem))
        self.assertIn("certificate", self.refused("--tls-cert", key, "--tls-key", key))
        self.assertIn("cannot be read", self.refused("--tls-cert", "none", "--tls-key", key))


class Proxy(unittest.TestCase):
    def test_behind_a_proxy_nobody_reads_without_a_token(self):
        fleet = giga.Fleet(self)
        fleet.serve("--behind-proxy")
        for path in ("/fleet/jobs", "/fleet/events", "/fleet/stream", "/fleet/factories",
                     "/fleet/stats", "/fleet/runs/job-1.1/log"):
            self.assertEqual(fleet.ask("GET", path).status, 401, path)
        self.assertEqual(fleet.ask("GET", "/fleet/jobs", token=fleet.token()).status, 200)
        self.assertEqual(fleet.ask("GET", "/healthz").status, 200)


if __name__ == "__main__":
    unittest.main()
