use std::{
    net::{Ipv4Addr, TcpListener, TcpStream},
    os::unix::process::CommandExt as _,
    process::{Child, Command, Stdio},
    time::{Duration, Instant},
};

use anyhow::Context as _;

const START_TIMEOUT: Duration = Duration::from_secs(30);

/// An engine's process; it dies with this value, and with the test process.
#[derive(Debug)]
pub(crate) struct Process {
    child: Child,
}

impl Process {
    /// Starts `command`, as another user where one is given.
    #[allow(unsafe_code)]
    pub(crate) fn start(mut command: Command, user: Option<(u32, u32)>) -> anyhow::Result<Self> {
        let program = command.get_program().to_owned();
        command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
        // SAFETY: between fork and exec only async-signal-safe system calls run. The death signal is set after the change
        // of user, which would clear it.
        unsafe {
            command.pre_exec(move || {
                if let Some((uid, gid)) = user
                    && (libc::setgroups(0, std::ptr::null()) != 0 || libc::setgid(gid) != 0 || libc::setuid(uid) != 0)
                {
                    return Err(std::io::Error::last_os_error());
                }
                if libc::prctl(libc::PR_SET_PDEATHSIG, libc::SIGKILL) != 0 {
                    return Err(std::io::Error::last_os_error());
                }
                Ok(())
            });
        }
        // The death signal follows the thread that forks: a thread of its own that never ends keeps engines alive
        // when the test's thread is done with them.
        let (sender, receiver) = std::sync::mpsc::channel();
        std::thread::Builder::new().name("engine".to_owned()).spawn(move || {
            let _ = sender.send(command.spawn());
            loop {
                std::thread::park();
            }
        })?;
        let child = receiver.recv()?.with_context(|| format!("starting {}", program.display()))?;
        Ok(Self { child })
    }

    pub(crate) fn pid(&self) -> u32 {
        self.child.id()
    }

    pub(crate) fn kill(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }

    /// Sends a signal, such as SIGSTOP.
    #[allow(unsafe_code)]
    pub(crate) fn signal(&self, signal: i32) {
        let pid = i32::try_from(self.child.id()).unwrap_or(0);
        if pid > 0 {
            // SAFETY: the process is our child and not yet waited for, so the id is its own.
            unsafe { libc::kill(pid, signal) };
        }
    }

    /// Waits until the engine listens.
    pub(crate) fn wait_for_port(&mut self, port: u16) -> anyhow::Result<()> {
        let deadline = Instant::now() + START_TIMEOUT;
        while TcpStream::connect((Ipv4Addr::LOCALHOST, port)).is_err() {
            if let Some(status) = self.child.try_wait()? {
                anyhow::bail!("the engine ended with {status}");
            }
            anyhow::ensure!(Instant::now() < deadline, "the engine does not listen on port {port}");
            std::thread::sleep(Duration::from_millis(10));
        }
        Ok(())
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        self.kill();
    }
}

/// A port that was free a moment ago.
pub(crate) fn free_port() -> anyhow::Result<u16> {
    Ok(TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?.local_addr()?.port())
}
