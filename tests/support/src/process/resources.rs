//! The resource usage of a process, read from Linux's `/proc`. On other systems each reading is an error.

use std::fs;
use std::net::SocketAddr;
use std::time::Duration;

/// The readings of the operating system for one process.
///
/// Each method returns an error if the process has exited or the system has no `/proc`.
#[derive(Clone, Copy, Debug)]
pub struct Resources {
    id: u32,
}

impl Resources {
    /// Returns the readings of the process with this id.
    pub fn of(id: u32) -> Self {
        Self { id }
    }

    /// Returns the resident memory in KiB.
    ///
    /// # Errors
    /// If there is no reading.
    pub fn resident_memory(self) -> Result<u64, String> {
        self.memory("VmRSS")
    }

    /// Returns the highest resident memory so far, in KiB.
    ///
    /// # Errors
    /// If there is no reading.
    pub fn peak_memory(self) -> Result<u64, String> {
        self.memory("VmHWM")
    }

    fn memory(self, name: &str) -> Result<u64, String> {
        let status = self.read("status")?;
        status
            .lines()
            .find_map(|line| line.strip_prefix(name)?.strip_prefix(':'))
            .and_then(|value| value.trim().strip_suffix(" kB")?.parse().ok())
            .ok_or_else(|| format!("no {name} in the status of process {}", self.id))
    }

    /// Returns the processor time of the process, including threads that have exited. Its resolution is 10 ms.
    ///
    /// # Errors
    /// If there is no reading.
    pub fn processor_time(self) -> Result<Duration, String> {
        let stat = self.read("stat")?;
        // `utime` and `stime` of proc_pid_stat(5): the 12th and 13th field after the name, in hundredths of a second.
        let fields = stat.rsplit(')').next().unwrap_or_default().split_whitespace();
        let ticks: Vec<u64> = fields.skip(11).take(2).filter_map(|field| field.parse().ok()).collect();
        match ticks.as_slice() {
            [user, system] => Ok(Duration::from_millis((user + system) * 10)),
            _ => Err(format!("no times in {stat:?}")),
        }
    }

    /// Returns the processor time of the running threads, in nanoseconds. Threads that have exited do not count.
    ///
    /// # Errors
    /// If there is no reading.
    pub fn thread_time(self) -> Result<Duration, String> {
        let mut sum = Duration::ZERO;
        for thread in self.list("task")? {
            // The thread may exit in the meantime.
            let Ok(text) = fs::read_to_string(thread.join("schedstat")) else {
                continue;
            };
            let nanoseconds = text.split(' ').next().and_then(|field| field.parse().ok());
            sum += Duration::from_nanos(nanoseconds.unwrap_or(0));
        }
        Ok(sum)
    }

    /// Returns the number of open file descriptors.
    ///
    /// # Errors
    /// If there is no reading.
    pub fn open_descriptors(self) -> Result<usize, String> {
        Ok(self.list("fd")?.len())
    }

    /// Returns the number of open sockets.
    ///
    /// # Errors
    /// If there is no reading.
    pub fn open_sockets(self) -> Result<usize, String> {
        let targets = self.descriptor_targets()?;
        Ok(targets.iter().filter(|target| target.starts_with("socket:")).count())
    }

    /// Returns the IPv4 addresses on which the process listens, as `ADDRESS:PORT`.
    ///
    /// # Errors
    /// If there is no reading.
    pub fn listening_addresses(self) -> Result<Vec<String>, String> {
        let targets = self.descriptor_targets()?;
        let path = "/proc/net/tcp";
        let table = fs::read_to_string(path).map_err(|error| format!("{path}: {error}"))?;
        let listener = |line: &str| {
            // proc(5): the local address, the state (0A is listening) and the inode.
            let fields: Vec<&str> = line.split_whitespace().collect();
            let socket = format!("socket:[{}]", fields.get(9)?);
            if fields[3] != "0A" || !targets.contains(&socket) {
                return None;
            }
            let (address, port) = fields[1].split_once(':')?;
            let address = u32::from_str_radix(address, 16).ok()?.to_ne_bytes();
            let port = u16::from_str_radix(port, 16).ok()?;
            Some(SocketAddr::from((address, port)).to_string())
        };
        Ok(table.lines().filter_map(listener).collect())
    }

    fn descriptor_targets(self) -> Result<Vec<String>, String> {
        let descriptors = self.list("fd")?;
        let targets = descriptors.iter().filter_map(|path| fs::read_link(path).ok());
        Ok(targets.map(|target| target.display().to_string()).collect())
    }

    fn read(self, name: &str) -> Result<String, String> {
        let path = format!("/proc/{}/{name}", self.id);
        fs::read_to_string(&path).map_err(|error| format!("{path}: {error}"))
    }

    fn list(self, name: &str) -> Result<Vec<std::path::PathBuf>, String> {
        let path = format!("/proc/{}/{name}", self.id);
        let entries = fs::read_dir(&path).map_err(|error| format!("{path}: {error}"))?;
        Ok(entries.flatten().map(|entry| entry.path()).collect())
    }
}
