"""A SLURM of its own in one folder: two nodes, eight CPUs and two GPUs, all make-believe.

Nothing of the machine is changed: own munge key and socket, own ports, no accounting, no systemd.
GPUs are copies of /dev/null. Where cgroups can be written, they hold processes and memory, as on a
real cluster; elsewhere memory is counted and not enforced.
"""

import os
import shutil
import signal
import socket
import subprocess
import time
from contextlib import ExitStack, suppress
from pathlib import Path

PROGRAMS = ("munged", "slurmctld", "slurmd", "sbatch", "srun", "squeue", "scontrol", "scancel")
CGROUPS = Path("/sys/fs/cgroup")
# Seconds from SIGTERM to SIGKILL when a job's time is up.
GRACE = 5

CONF = """\
ClusterName=throwaway
SlurmctldHost={host}(127.0.0.1)
SlurmctldPort={ports[0]}
SlurmUser={user}
SlurmdUser={user}
AuthType=auth/munge
AuthInfo=socket={folder}/run/munge.socket,cred_expire=5
StateSaveLocation={folder}/state
SlurmdSpoolDir={folder}/spool.%n
SlurmctldPidFile={folder}/run/slurmctld.pid
SlurmdPidFile={folder}/run/slurmd.%n.pid
SlurmctldLogFile={folder}/log/slurmctld.log
SlurmdLogFile={folder}/log/slurmd.%n.log
ProctrackType=proctrack/{tracking}
TaskPlugin=task/{task}
JobAcctGatherType=jobacct_gather/none
AccountingStorageType=accounting_storage/none
MpiDefault=none
MinJobAge=3600
SelectType=select/cons_tres
SelectTypeParameters=CR_Core_Memory
GresTypes=gpu
SchedulerType=sched/backfill
SchedulerParameters=bf_interval=1,sched_min_interval=200000,batch_sched_delay=0
PreemptType=preempt/partition_prio
PreemptMode=REQUEUE
SlurmdParameters=config_overrides
ReturnToService=2
KillWait={grace}
OverTimeLimit=0
NodeName=gpus {here} Port={ports[1]} CPUs=6 RealMemory=9000 Gres=gpu:2
NodeName=plain {here} Port={ports[2]} CPUs=2 RealMemory=4000
PartitionName=main Nodes=gpus,plain Default=YES MaxTime=INFINITE PreemptMode=OFF PriorityTier=5
PartitionName=spare Nodes=gpus MaxTime=INFINITE PriorityTier=1 GraceTime={grace}
PartitionName=urgent Nodes=gpus MaxTime=INFINITE PriorityTier=9 PreemptMode=OFF
"""

ENFORCED = "CgroupPlugin=cgroup/v1\nConstrainRAMSpace=yes\nConstrainCores=no\nConstrainDevices=no\n"
NOT_ENFORCED = "CgroupAutomount=no\n"


class Slurm:
    """A running cluster.

    Attributes:
        environment: what its clients need.
        enforced: whether cgroups hold processes and memory.
        numbered: whether a job sees the number of its GPU.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.configuration = folder / "slurm.conf"
        path = f"{folder / 'bin'}:{os.environ['PATH']}:/usr/sbin"
        self.environment = {"SLURM_CONF": str(self.configuration), "PATH": path}

    def __enter__(self) -> "Slurm":
        for name in ("bin", "log", "run", "secret", "state"):
            (self.folder / name).mkdir(parents=True)
        self.folder.chmod(0o755)
        with ExitStack() as undo:
            undo.callback(self.stop)
            self._munge()
            self._configure()
            self._start("slurmctld", "-c")
            for node in ("gpus", "plain"):
                self._start("slurmd", "-c", "-N", node)
            self._wait_until_idle()
            undo.pop_all()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def client(self, *command: str) -> str:
        """What a SLURM command prints."""
        done = subprocess.run(
            command,
            env={**os.environ, **self.environment},
            capture_output=True,
            text=True,
            timeout=60,
        )
        assert done.returncode == 0, f"{' '.join(command)}: {done.stderr}"
        return done.stdout

    def stop(self) -> None:
        """End every job, then the daemons, by their own pid files."""
        with suppress(Exception):
            self.client("scancel", "--user", str(os.getuid()))
            self.wait(lambda: not self.client("squeue", "-h"), seconds=2 * GRACE)
        for kind in (signal.SIGTERM, signal.SIGKILL):
            # The authentication last: the others say good-bye to each other by it.
            for file in sorted((self.folder / "run").glob("*.pid"), reverse=True):
                with suppress(OSError, ValueError):
                    os.kill(int(file.read_text()), kind)
            if kind == signal.SIGTERM:
                time.sleep(1)

    @staticmethod
    def wait(ready, seconds: float, pause: float = 0.2):
        """The first true answer of `ready()`; an assertion fails if there is none in time."""
        until = time.monotonic() + seconds
        while time.monotonic() < until:
            if found := ready():
                return found
            time.sleep(pause)
        raise AssertionError(f"waited {seconds} s in vain")

    def _munge(self) -> None:
        secret, run = self.folder / "secret", self.folder / "run"
        # munged refuses a key that others can read, and a socket that others cannot reach.
        secret.chmod(0o700)
        run.chmod(0o711)
        key = secret / "munge.key"
        key.write_bytes(os.urandom(128))
        key.chmod(0o400)
        self._start(
            "munged",
            "--force",
            f"--key-file={key}",
            f"--socket={run}/munge.socket",
            f"--pid-file={run}/munged.pid",
            f"--log-file={secret}/munged.log",
            f"--seed-file={secret}/munged.seed",
        )

    def _configure(self) -> None:
        with ExitStack() as opened:
            taken = [opened.enter_context(socket.socket()) for _ in range(3)]
            for one in taken:
                one.bind(("127.0.0.1", 0))
            ports = [one.getsockname()[1] for one in taken]
        # As clusters do, where this machine lets us: only the first process of a job step is told
        # to end, and memory has a limit.
        self.enforced = os.access(CGROUPS / "freezer", os.W_OK)
        host = socket.gethostname().partition(".")[0]
        text = CONF.format(
            folder=self.folder,
            host=host,
            here=f"NodeHostname={host} NodeAddr=127.0.0.1",
            user=subprocess.check_output(["id", "-un"], text=True).strip(),
            ports=ports,
            tracking="cgroup" if self.enforced else "linuxproc",
            task="cgroup" if self.enforced else "none",
            grace=GRACE,
        )
        self.configuration.write_text(text)
        (self.folder / "cgroup.conf").write_text(ENFORCED if self.enforced else NOT_ENFORCED)
        self._gpus()
        # The plugin's job step drops SLURM_CONF before it calls srun.
        shim = self.folder / "bin" / "srun"
        shim.write_text(
            f'#!/bin/sh\nSLURM_CONF={self.configuration} exec {shutil.which("srun")} "$@"\n'
        )
        shim.chmod(0o755)

    def _gpus(self) -> None:
        self.numbered = True
        for number in range(2):
            device = self.folder / f"gpu{number}"
            try:
                os.mknod(device, 0o666 | 0o020000, os.makedev(1, 3))
            except PermissionError:
                # Still counted, though SLURM then sets no CUDA_VISIBLE_DEVICES.
                device.touch()
                self.numbered = False
        (self.folder / "gres.conf").write_text(
            f"NodeName=gpus Name=gpu File={self.folder}/gpu[0-1] Flags=nvidia_gpu_env\n"
        )

    def _start(self, *command: str) -> None:
        # To a file and not a pipe: the daemons keep it open.
        with (self.folder / "log" / "start.log").open("a") as log:
            subprocess.run(
                command,
                env={**os.environ, **self.environment},
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                timeout=60,
                check=True,
            )

    def _wait_until_idle(self) -> None:
        def states() -> bool:
            return self.client("sinfo", "-h", "-N", "-o", "%T").split().count("idle") >= 2

        self.wait(states, seconds=30)


def missing() -> list[str]:
    """SLURM's programs that this machine lacks."""
    path = f"{os.environ['PATH']}:/usr/sbin"
    return [name for name in PROGRAMS if not shutil.which(name, path=path)]
