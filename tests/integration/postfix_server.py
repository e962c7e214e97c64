"""A Postfix of its own for the tests: on loopback, with TLS and login, in a folder that goes away. Only root may start one."""

from __future__ import annotations

import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

CERTIFICATE: Final = Path(__file__).with_name("sky_server.pem")
USER, PASSWORD = "tarmac", "right"
_MAIN = """
compatibility_level = 3.6
queue_directory = {root}/queue
data_directory = {root}/data
mail_owner = postfix
setgid_group = postdrop
myhostname = postfix.test
mydestination =
mynetworks =
inet_interfaces = loopback-only
inet_protocols = ipv4
maillog_file = {root}/log
maillog_file_prefixes = {root}
virtual_mailbox_domains = example.org
virtual_mailbox_base = {root}/mail
virtual_mailbox_maps = static:all/
virtual_uid_maps = static:{uid}
virtual_gid_maps = static:{gid}
virtual_minimum_uid = 1
smtpd_tls_cert_file = {certificate}
smtpd_tls_key_file = {certificate}
smtpd_tls_security_level = encrypt
smtpd_tls_auth_only = yes
smtpd_sasl_auth_enable = yes
smtpd_sasl_type = cyrus
smtpd_sasl_path = smtpd
cyrus_sasl_config_path = {root}/config/sasl
smtpd_sasl_local_domain = postfix.test
broken_sasl_auth_clients = no
smtpd_relay_restrictions = permit_sasl_authenticated, reject
smtpd_recipient_restrictions = check_recipient_access texthash:{root}/recipients, permit_sasl_authenticated, reject
smtpd_client_connection_count_limit = 0
smtpd_error_sleep_time = 0
message_size_limit = 300000
"""
_MASTER = """
{port}    inet  n  -  n  -  -  smtpd
cleanup   unix  n  -  n  -  0  cleanup
qmgr      unix  n  -  n  300 1 qmgr
tlsmgr    unix  -  -  n  1000? 1 tlsmgr
rewrite   unix  -  -  n  -  -  trivial-rewrite
bounce    unix  -  -  n  -  0  bounce
defer     unix  -  -  n  -  0  bounce
trace     unix  -  -  n  -  0  bounce
flush     unix  n  -  n  1000? 0 flush
proxymap  unix  -  -  n  -  -  proxymap
error     unix  -  -  n  -  -  error
retry     unix  -  -  n  -  -  error
virtual   unix  -  n  n  -  -  virtual
anvil     unix  -  -  n  -  1  anvil
postlog   unix-dgram n - n -  1  postlogd
"""
_SASL = """pwcheck_method: auxprop
auxprop_plugin: sasldb
mech_list: PLAIN LOGIN
sasldb_path: {root}/sasl/sasldb2
"""


def why_not() -> str:
    """Why no Postfix can be started here, ``""``: one can."""
    if sys.platform == "win32" or os.geteuid() != 0:
        return "only root may start a Postfix"
    missing = [name for name in ("postfix", "saslpasswd2") if shutil.which(name) is None]
    return f"no {' and no '.join(missing)} here: apt-get install postfix sasl2-bin libsasl2-modules" if missing else ""


@dataclass
class Postfix:
    """``start``, ``kill`` (as a power cut does) and ``stop``; ``received`` are the messages in the mailbox."""

    root: Path
    port: int = 0
    _config: Path = field(init=False)

    def __post_init__(self) -> None:
        import grp
        import pwd

        self.root.chmod(0o755)
        self.port = self.port or _free_port()
        self._config = self.root / "config"
        owner, group = pwd.getpwnam("postfix").pw_uid, grp.getgrnam("postfix").gr_gid
        for name in ("config", "config/sasl", "queue", "data", "mail", "sasl"):
            (self.root / name).mkdir()
        for name in ("data", "mail"):
            os.chown(self.root / name, owner, group)
        values = {"root": self.root, "uid": owner, "gid": group, "certificate": CERTIFICATE, "port": f"127.0.0.1:{self.port}"}
        (self._config / "main.cf").write_text(_MAIN.format(**values))
        (self._config / "master.cf").write_text(_MASTER.format(**values))
        # Debian's Postfix looks for it beside its configuration, whatever cyrus_sasl_config_path says.
        (self._config / "sasl" / "smtpd.conf").write_text(_SASL.format(**values))
        self.refuse({})
        command = ["saslpasswd2", "-p", "-c", "-f", str(self.root / "sasl" / "sasldb2"), "-u", "postfix.test", USER]
        subprocess.run(command, input=PASSWORD.encode(), check=True, capture_output=True)
        os.chown(self.root / "sasl" / "sasldb2", owner, group)

    def refuse(self, answers: dict[str, str]) -> None:
        """What it answers to these recipients, such as ``{"a@example.org": "451 later"}``; from its next start."""
        (self.root / "recipients").write_text("".join(f"{to} {answer}\n" for to, answer in answers.items()))

    def start(self) -> None:
        done = subprocess.run(["postfix", "-c", str(self._config), "start"], check=False, capture_output=True, text=True, timeout=60)
        if done.returncode:
            raise RuntimeError(f"Postfix does not start: {done.stderr} {self._log()}")
        for _ in range(200):
            with socket.socket() as one:
                if one.connect_ex(("127.0.0.1", self.port)) == 0:
                    return
            time.sleep(0.05)
        raise RuntimeError(f"Postfix does not listen: {self._log()}")

    def kill(self) -> None:
        """SIGKILL to its master and the processes of its group."""
        pid = int((self.root / "queue" / "pid" / "master.pid").read_text())
        os.killpg(os.getpgid(pid), signal.SIGKILL)
        for _ in range(200):
            with socket.socket() as one:
                if one.connect_ex(("127.0.0.1", self.port)) != 0:
                    return
            time.sleep(0.05)

    def stop(self) -> None:
        subprocess.run(["postfix", "-c", str(self._config), "stop"], check=False, capture_output=True, timeout=60)

    def received(self) -> list[bytes]:
        """Everything in the mailbox and nothing that is still on its way there."""
        for _ in range(400):
            waiting = [p for name in ("incoming", "active", "maildrop") for p in (self.root / "queue" / name).rglob("*") if p.is_file()]
            if not waiting:
                break
            time.sleep(0.05)
        return [path.read_bytes() for path in sorted((self.root / "mail").rglob("new/*"))]

    def _log(self) -> str:
        path = self.root / "log"
        return path.read_text()[-2000:] if path.exists() else ""


def _free_port() -> int:
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return int(one.getsockname()[1])
