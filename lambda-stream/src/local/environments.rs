//! The execution environments: child processes of the program that started local mode.
//!
//! Each environment has a separate endpoint of the Runtime API. [`run`] starts an environment when the queue of the broker
//! needs one, replaces environments that ended or that run an older build of the program, and kills those whose
//! invocation exceeds its deadline.

mod output;
mod process;

use std::collections::BTreeMap;
use std::future::pending;
use std::pin::pin;
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use futures::future::{Either, select};
use tokio::task::JoinSet;
use tokio::time::sleep;

use self::process::{Process, ProcessHandle, StopReason};
use super::activity::event::EnvironmentId;
use super::broker::{Broker, Demand};
use super::runtime_api::Endpoint;
use super::shutdown::ShutdownToken;

/// How often the program file is checked for a new build while no request arrives.
const BUILD_CHECK_INTERVAL: Duration = Duration::from_millis(500);

/// How long a queued event waits for an environment that has responded and not polled yet, before another environment is
/// started. A function polls within a millisecond of its response.
const POLL_DELAY: Duration = Duration::from_millis(50);

/// How long the initialization may take, in addition to the function timeout: Lambda stops it after 10 seconds, and starts
/// it again within the first invocation.
const INIT_TIMEOUT: Duration = Duration::from_secs(10);

/// What the environments of a service have in common.
pub(crate) struct Template {
    pub(crate) endpoint: Endpoint,
    /// Environment variables from the command line.
    pub(crate) variables: Vec<(String, String)>,
    /// The maximum number of environments.
    pub(crate) max_environments: usize,
    /// How many events an environment takes at a time.
    pub(crate) concurrency: usize,
}

/// Runs the environments until the shutdown is requested, and until they have ended then.
///
/// One environment is started immediately, so that errors of `init` are visible before the first request.
pub(crate) async fn run(template: Template, broker: Arc<Broker>, mut shutdown: ShutdownToken) {
    let mut pool = Pool {
        template,
        broker: Arc::clone(&broker),
        next_id: 1,
        running: BTreeMap::new(),
        processes: JoinSet::new(),
    };
    pool.start();
    let mut build = broker.build();
    // Whether queued events have waited for `POLL_DELAY`.
    let mut has_waited = false;
    let mut is_shutting_down = false;
    // Before the end, environments take the queued events, also those that no caller waits for.
    while !is_shutting_down || broker.demand().queued > 0 {
        broker.refresh_build();
        if broker.build() != build {
            build = broker.build();
            pool.stop_idle_of_older_builds(build);
            if broker.demand().free == 0 && pool.has_place() {
                pool.start();
            }
        }
        let demand = broker.demand();
        pool.satisfy(demand, has_waited);
        let next_deadline = pool.stop_expired();
        let waits_for_poll = demand.queued > demand.free && demand.soon_free > 0 && !has_waited;
        let event = {
            let changed = pin!(broker.changed());
            let ended = pin!(pool.ended());
            let timer = pin!(wait(next_deadline, waits_for_poll));
            let shutdown = pin!(async {
                match is_shutting_down {
                    true => pending().await,
                    false => shutdown.requested().await,
                }
            });
            match select(select(changed, ended), select(timer, shutdown)).await {
                Either::Left((Either::Left(_), _)) => Wake::Changed,
                Either::Left((Either::Right((id, _)), _)) => Wake::Ended(id),
                Either::Right((Either::Left(_), _)) => Wake::Timer,
                Either::Right((Either::Right(_), _)) => Wake::Shutdown,
            }
        };
        has_waited = false;
        match event {
            Wake::Changed => {}
            Wake::Ended(id) => {
                pool.running.remove(&id);
            }
            Wake::Timer => has_waited = waits_for_poll,
            Wake::Shutdown => is_shutting_down = true,
        }
        pool.stop_idle_of_older_builds(build);
    }
    pool.shut_down().await;
}

/// Why the pool continues.
enum Wake {
    Changed,
    Ended(EnvironmentId),
    Timer,
    Shutdown,
}

/// Waits until the next check is due.
async fn wait(deadline: Option<SystemTime>, waits_for_poll: bool) {
    let mut delay = match waits_for_poll {
        true => POLL_DELAY,
        false => BUILD_CHECK_INTERVAL,
    };
    if let Some(deadline) = deadline {
        let rest = deadline.duration_since(SystemTime::now()).unwrap_or_default();
        // The timer has a resolution of a millisecond.
        delay = delay.min(rest + Duration::from_millis(1));
    }
    sleep(delay).await;
}

/// The running environments.
struct Pool {
    template: Template,
    broker: Arc<Broker>,
    next_id: u32,
    running: BTreeMap<EnvironmentId, Running>,
    processes: JoinSet<EnvironmentId>,
}

struct Running {
    handle: ProcessHandle,
    build: u32,
    /// When the environment is stopped if it has not polled.
    init_deadline: SystemTime,
}

impl Pool {
    fn has_place(&self) -> bool {
        self.running.len() < self.template.max_environments
    }

    /// Starts environments for the events that no environment will take.
    fn satisfy(&mut self, demand: Demand, has_waited: bool) {
        let soon_free = if has_waited { 0 } else { demand.soon_free };
        let missing = demand.queued.saturating_sub(demand.free + soon_free);
        for _ in 0..missing.div_ceil(self.template.concurrency) {
            if !self.has_place() {
                return;
            }
            self.start();
        }
    }

    fn start(&mut self) {
        let id = EnvironmentId(self.next_id);
        self.next_id += 1;
        let (program, build) = self.broker.program();
        self.broker.add_environment(id, self.template.concurrency, build);
        let runtime_api = self.template.endpoint.of(id);
        let variables = super::variables::of_environment(id, &runtime_api, &self.template.variables);
        let (process, handle) = Process::new(id, build, program, variables, Arc::clone(&self.broker));
        let running = Running {
            handle,
            build,
            init_deadline: SystemTime::now() + INIT_TIMEOUT + self.broker.timeout(),
        };
        self.running.insert(id, running);
        self.processes.spawn(process.run());
    }

    /// Waits until an environment has ended.
    async fn ended(&mut self) -> EnvironmentId {
        match self.processes.join_next().await {
            Some(Ok(id)) => id,
            // The library itself panicked.
            Some(Err(error)) => match error.try_into_panic() {
                Ok(panic) => std::panic::resume_unwind(panic),
                Err(_) => pending().await,
            },
            None => pending().await,
        }
    }

    fn stop_idle_of_older_builds(&self, build: u32) {
        for (&id, running) in &self.running {
            if running.build != build && self.broker.in_flight(id).is_empty() {
                running.handle.stop(StopReason::NewBuild);
            }
        }
    }

    /// Stops the environments whose initialization or invocation exceeds its deadline. Returns the earliest deadline of the
    /// others.
    fn stop_expired(&self) -> Option<SystemTime> {
        let now = SystemTime::now();
        let mut next = None;
        for (&id, running) in &self.running {
            let in_flight = self.broker.in_flight(id);
            let deadlines = in_flight.iter().map(|in_flight| in_flight.deadline);
            let init_deadline = self.broker.is_starting(id).then_some(running.init_deadline);
            match deadlines.chain(init_deadline).min() {
                Some(deadline) if deadline <= now && init_deadline.is_some() => {
                    running.handle.stop(StopReason::InitTimeout);
                }
                Some(deadline) if deadline <= now => running.handle.stop(StopReason::Timeout),
                Some(deadline) => next = Some(next.map_or(deadline, |next: SystemTime| next.min(deadline))),
                None => {}
            }
        }
        next
    }

    /// Stops each environment when it is idle, and waits until all have ended.
    async fn shut_down(mut self) {
        loop {
            for (&id, running) in &self.running {
                if self.broker.in_flight(id).is_empty() {
                    running.handle.stop(StopReason::Shutdown);
                }
            }
            if self.running.is_empty() {
                return;
            }
            let next_deadline = self.stop_expired();
            let broker = Arc::clone(&self.broker);
            let ended = {
                let changed = pin!(broker.changed());
                let ended = pin!(self.ended());
                let timer = pin!(wait(next_deadline, false));
                match select(ended, select(changed, timer)).await {
                    Either::Left((id, _)) => Some(id),
                    Either::Right(_) => None,
                }
            };
            if let Some(id) = ended {
                self.running.remove(&id);
            }
        }
    }
}
