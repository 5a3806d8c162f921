//! Power failures. Kill -9 leaves the kernel alive, and with it everything that was written; a power failure leaves what
//! was synced, and of the rest any part. So every write and sync is noted while clients work, and afterwards images of
//! the disk are made as it could have been at any moment: each file as last synced, and of the later writes some, whole
//! or torn. From each image the database must open sound, with all that had been acknowledged by then.

use std::{collections::BTreeMap, fs, path::Path, thread, time::Duration};

use crate::{
    Settings, Verdict,
    client::{Client, Step, together},
    disk::Disk,
    kill,
    model::World,
    observe,
    program::Installation,
    random::Random,
};

const CLIENTS: usize = 4;
/// A disk writes so much at once or not at all.
const SECTOR: usize = 512;
const HEAD: usize = 16;

pub fn run(settings: &Settings) -> Verdict {
    let mut random = Random::new(settings.seed);
    let installation = Installation::new(&settings.program);
    let disk = Disk::of(&installation);
    let record = installation.beside("record");
    // What is there before the record begins was synced by the end of these.
    let mut server = installation.serve();
    let mut clients = kill::clients(&server.http, CLIENTS, &mut random);
    assert!(server.stop().success());
    let base = files(&installation.folder);

    server = installation.spawn(|command| {
        disk.under(command);
        command.env("DISK_RECORD", &record);
    });
    server.wait_until_ready();
    let mark = || fs::metadata(&record).map_or(0, |record| record.len());
    let length = Duration::from_millis(if settings.long { 20_000 } else { 2_000 });
    together(&mut clients, mark, |_| {
        thread::sleep(length);
        server.kill();
    });
    let record = fs::read(&record).expect("a record");
    let events = Event::read_all(&record);
    let images = settings.choose(60, 1_500);
    let mut lost = 0;
    let place = installation.beside("image");
    for _ in 0..images {
        let until = events[random.below(events.len())].ends;
        lost += write_image(&place, &base, events.iter().take_while(|event| event.ends <= until), &mut random);
        check(&place, &clients, until);
    }
    let acknowledged: usize = clients.iter().map(|client| client.steps.len()).sum();
    let syncs = events.iter().filter(|event| event.kind == b's').count();
    Verdict::new([
        ("changes acknowledged", acknowledged),
        ("writes and syncs noted", events.len()),
        ("of them syncs", syncs),
        ("power failures", images),
        ("writes lost or torn in them", lost),
    ])
}

/// What the shim noted.
struct Event<'a> {
    kind: u8,
    name: &'a str,
    offset: usize,
    data: &'a [u8],
    /// Where the note ends in the record: what a client saw of its length tells which notes came before.
    ends: u64,
}

impl<'a> Event<'a> {
    fn read_all(record: &'a [u8]) -> Vec<Self> {
        let mut events = Vec::new();
        let mut at = 0;
        while let Some((head, rest)) = record[at..].split_first_chunk::<HEAD>() {
            let name_length = usize::from(head[1]);
            let length = u32::from_le_bytes([head[4], head[5], head[6], head[7]]) as usize;
            // The kill may have cut the last note off.
            let Some(name) = rest.get(..name_length) else { break };
            let Some(data) = rest.get(name_length..name_length + length) else { break };
            at += HEAD + name_length + length;
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

    /// Does to a file what was done, or the first `bytes` of it.
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

/// The folder as a power failure after these events could have left it. Gives how many writes did not arrive whole.
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

/// Each client finds its part as it was after some number of its changes: all that were acknowledged by then at least,
/// and none that had not been asked for.
fn check(image: &Path, clients: &[Client], until: u64) {
    let seen = observe::look(&image.join("rollcall.db"), clients.len(), 0);
    let seen = seen.unwrap_or_else(|broken| panic!("power failed after {until}: {broken}"));
    for (client, found) in clients.iter().zip(&seen.worlds) {
        let least = client.steps.iter().filter(|step| step.answered <= until).count();
        let asked = client.steps.iter().filter(|step| step.sent <= until).count();
        let in_doubt = client.doubt.iter().map(|change| Step { change: change.clone(), sent: 0, answered: 0 });
        let rest = client.steps.iter().cloned().chain(in_doubt).skip(least);
        let mut world = World::default();
        for step in &client.steps[..least] {
            world.apply(&step.change);
        }
        let most = if asked == client.steps.len() { asked - least + client.doubt.len() } else { asked - least };
        assert!(reaches(world, rest.take(most), found), "power failed after {until}: acknowledged changes are missing");
    }
}

/// Whether some number of these changes, in their order, leads to what was found.
pub fn reaches(mut world: World, changes: impl Iterator<Item = Step>, found: &World) -> bool {
    if world == *found {
        return true;
    }
    for step in changes {
        world.apply(&step.change);
        if world == *found {
            return true;
        }
    }
    false
}
