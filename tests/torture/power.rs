//! Power failures. After kill -9 the kernel still has everything that was written; a power failure leaves synced data and
//! any part of the rest. So every write and sync is recorded while clients run, and afterwards images of the disk are
//! built as it could have been at any moment: each file as last synced, plus some of the later writes, complete
//! or torn. The database of each image must be intact, with all changes that had been acknowledged by then.

use std::{collections::BTreeMap, fs, path::Path, thread, time::Duration};

use crate::{
    Report, Settings,
    client::{Client, Step, run_clients},
    disk::Disk,
    kill,
    model::ClientState,
    observe,
    program::Installation,
    random::Random,
};

const CLIENTS: usize = 4;
/// A disk writes this much atomically.
const SECTOR: usize = 512;
const HEADER_LENGTH: usize = 16;

pub fn run(settings: &Settings) -> Report {
    let mut random = Random::new(settings.seed);
    let installation = Installation::new(&settings.program);
    let disk = Disk::of(&installation);
    let record = installation.sibling("record");
    // Data from before the recording is synced when these end.
    let mut server = installation.serve();
    let mut clients = kill::clients(&server.http, CLIENTS, &mut random);
    assert!(server.stop().success());
    let base = files(&installation.folder);

    server = installation.spawn(|command| {
        disk.attach(command);
        command.env("DISK_RECORD", &record);
    });
    server.wait_until_ready();
    let mark = || fs::metadata(&record).map_or(0, |record| record.len());
    let length = Duration::from_millis(if settings.long { 20_000 } else { 2_000 });
    run_clients(&mut clients, mark, |_| {
        thread::sleep(length);
        server.kill();
    });
    let record = fs::read(&record).expect("a record");
    let events = Event::read_all(&record);
    let images = settings.choose(60, 1_500);
    let mut lost = 0;
    let place = installation.sibling("image");
    for _ in 0..images {
        let until = events[random.below(events.len())].ends;
        lost += write_image(&place, &base, events.iter().take_while(|event| event.ends <= until), &mut random);
        check(&place, &clients, until);
    }
    let acknowledged: usize = clients.iter().map(|client| client.steps.len()).sum();
    let syncs = events.iter().filter(|event| event.kind == b's').count();
    Report::new([
        ("changes acknowledged", acknowledged),
        ("writes and syncs recorded", events.len()),
        ("of them syncs", syncs),
        ("power failures", images),
        ("writes lost or torn in them", lost),
    ])
}

/// An operation recorded by the shim.
struct Event<'a> {
    kind: u8,
    name: &'a str,
    offset: usize,
    data: &'a [u8],
    /// The end of the entry in the recording. Clients record the length of the recording as their clock.
    ends: u64,
}

impl<'a> Event<'a> {
    fn read_all(record: &'a [u8]) -> Vec<Self> {
        let mut events = Vec::new();
        let mut at = 0;
        while let Some((head, rest)) = record[at..].split_first_chunk::<HEADER_LENGTH>() {
            let name_length = usize::from(head[1]);
            let length = u32::from_le_bytes([head[4], head[5], head[6], head[7]]) as usize;
            // The kill may have truncated the last entry.
            let Some(name) = rest.get(..name_length) else { break };
            let Some(data) = rest.get(name_length..name_length + length) else { break };
            at += HEADER_LENGTH + name_length + length;
            let offset =
                u64::from_le_bytes([head[8], head[9], head[10], head[11], head[12], head[13], head[14], head[15]]);
            events.push(Self {
                kind: head[0],
                name: std::str::from_utf8(name).expect("names of ours"),
                offset: usize::try_from(offset).expect("a small file"),
                data,
                ends: at as u64,
            });
        }
        events
    }

    /// Repeats the operation, or its first `bytes`, on a file.
    fn apply(&self, file: &mut Vec<u8>, bytes: usize) {
        if self.kind == b't' {
            file.resize(self.offset, 0);
            return;
        }
        let end = self.offset + bytes;
        if file.len() < end {
            file.resize(end, 0);
        }
        file[self.offset..end].copy_from_slice(&self.data[..bytes]);
    }
}

type Files = BTreeMap<String, Vec<u8>>;

fn files(folder: &Path) -> Files {
    let entries = fs::read_dir(folder).expect("a folder").map(|entry| entry.expect("an entry"));
    entries
        .map(|entry| (entry.file_name().into_string().expect("UTF-8"), fs::read(entry.path()).expect("a file")))
        .collect()
}

/// The folder as a power failure after these events could have left it. Returns how many writes are missing or torn.
fn write_image<'a>(
    place: &Path,
    base: &Files,
    events: impl Iterator<Item = &'a Event<'a>>,
    random: &mut Random,
) -> usize {
    let mut synced = base.clone();
    let mut pending: BTreeMap<&str, Vec<&Event>> = BTreeMap::new();
    for event in events {
        match event.kind {
            b's' => {
                let file = synced.entry(event.name.to_owned()).or_default();
                for earlier in pending.remove(event.name).unwrap_or_default() {
                    earlier.apply(file, earlier.data.len());
                }
            }
            b'u' => {
                synced.remove(event.name);
                pending.remove(event.name);
            }
            _ => pending.entry(event.name).or_default().push(event),
        }
    }
    let (arrives, torn) = (random.below(101), random.below(30));
    let mut lost = 0;
    for (name, events) in pending {
        let file = synced.entry(name.to_owned()).or_default();
        for event in events {
            if !random.chance(arrives) {
                lost += 1;
            } else if random.chance(torn) && event.data.len() > SECTOR {
                lost += 1;
                event.apply(file, SECTOR * random.below(event.data.len() / SECTOR));
            } else {
                event.apply(file, event.data.len());
            }
        }
    }
    let _none_before = fs::remove_dir_all(place);
    fs::create_dir(place).expect("a folder");
    for (name, content) in synced.iter().filter(|(name, _)| !name.ends_with("-shm")) {
        fs::write(place.join(name), content).expect("an image");
    }
    lost
}

/// The part of each client is its state after some number of its changes: at least those acknowledged by then,
/// and none that had not been sent.
fn check(image: &Path, clients: &[Client], until: u64) {
    let snapshot = observe::read_snapshot(&image.join("rollcall.db"), clients.len(), 0);
    let snapshot = snapshot.unwrap_or_else(|error| panic!("power failed after {until}: {error}"));
    for (client, found) in clients.iter().zip(&snapshot.states) {
        let least = client.steps.iter().filter(|step| step.answered <= until).count();
        let request = client.steps.iter().filter(|step| step.sent <= until).count();
        let unanswered = client.unanswered.iter().map(|change| Step { change: change.clone(), sent: 0, answered: 0 });
        let rest = client.steps.iter().cloned().chain(unanswered).skip(least);
        let mut state = ClientState::default();
        for step in &client.steps[..least] {
            state.apply(&step.change);
        }
        let most =
            if request == client.steps.len() { request - least + client.unanswered.len() } else { request - least };
        assert!(reaches(state, rest.take(most), found), "power failed after {until}: acknowledged changes are missing");
    }
}

/// Whether some number of these changes, in order, leads to the state found.
pub fn reaches(mut state: ClientState, changes: impl Iterator<Item = Step>, found: &ClientState) -> bool {
    if state == *found {
        return true;
    }
    for step in changes {
        state.apply(&step.change);
        if state == *found {
            return true;
        }
    }
    false
}
