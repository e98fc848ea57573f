//! Messages between two, and files that go with messages.

use anyhow::{Result, bail, ensure};
use sealcast_client::{Content, Error, NewFile};
use sealcast_contracts::ClientMessageId;
use sealcast_e2e::{People, Person, Stack};

/// Three chunks.
const FILE_OCTETS: u32 = 300_000;

pub async fn direct(_: &Stack, people: &People) -> Result<()> {
    let (ann, ben) = people.pair()?;
    let id_of = |person: &Person| person.client.session().info().user_id;
    let (to_ben, to_ann) = tokio::try_join!(ann.client.open_direct(id_of(ben)), ben.client.open_direct(id_of(ann)))?;
    ensure!(to_ben.room_id == to_ann.room_id, "two rooms for one pair");
    let sent = ann.client.send(to_ben.room_id, "between us").await?;
    let reading = ben.client.read(sent).await?;
    ensure!(reading.text.as_deref() == Ok("between us"), "it reads {:?}", reading.text);
    let rooms = people.outside.client.session().rooms().await?;
    ensure!(rooms.iter().all(|room| room.room_id != to_ben.room_id), "somebody else sees it");
    Ok(())
}

pub async fn file(_: &Stack, people: &People) -> Result<()> {
    let (ann, ben) = people.pair()?;
    let octets: Vec<u8> = (0..FILE_OCTETS).map(|at| u8::try_from(at % 251).unwrap_or_default()).collect();
    let new = NewFile { name: "figures.bin", media_type: "application/octet-stream", octets: &octets };
    let content = Content { text: String::new(), files: vec![ann.client.upload(people.room_id, new).await?] };
    let sent = ann.client.send_content(people.room_id, ClientMessageId::generate(), &content).await?;
    let reading = ben.client.read(sent).await?;
    let [named] = reading.files.as_slice() else { bail!("it names {:?}", reading.files) };
    ensure!(ben.client.session().fetch_file(people.room_id, named).await? == octets, "the octets differ");

    let mut another = named.clone();
    another.sum.0[0] ^= 1;
    let answer = ben.client.session().fetch_file(people.room_id, &another).await;
    ensure!(matches!(answer, Err(Error::Verification(_))), "a file of another hash is taken");
    let answer = people.outside.client.session().fetch_file(people.room_id, named).await;
    ensure!(matches!(&answer, Err(Error::Refused(problem)) if problem.status == 404), "outside it answers {answer:?}");
    Ok(())
}
