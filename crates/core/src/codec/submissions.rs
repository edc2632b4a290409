//! Requests that do nothing but submit transactions: read and decoded in one go.
//!
//! * **Q1** What is read here, the general reader would read to the same calls. Whatever it might
//!   see otherwise is left to it: escapes, unusual ids, further members, another method.

use std::ops::Range;

use alloy_primitives::hex;
use serde::Deserialize;
use serde::de::{self, Deserializer, Visitor};

use super::batch::{Decoded, decode_transactions};

const METHOD: &str = "eth_sendRawTransaction";
/// Every reader of JSON keeps an integer below this exact.
const ID_END: u64 = 1_000_000_000_000_000;
/// What clients send has at most 36.
const ID_BYTES_MAX: usize = 64;
/// From so many on, several threads share the recovery: waking them costs more than a few.
const SHARED_FROM: usize = 32;

/// One call, its text borrowed from the body. A member that stands twice is an error.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Call<'a> {
    jsonrpc: &'a str,
    method: &'a str,
    #[serde(borrow)]
    id: Id<'a>,
    params: [&'a str; 1],
}

/// An id that every reader and writer of JSON gives back as it stands.
enum Id<'a> {
    Number(u64),
    /// Printable ASCII without what must be escaped.
    Text(&'a str),
}

impl<'de: 'a, 'a> Deserialize<'de> for Id<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(IdVisitor)
    }
}

struct IdVisitor;

impl<'de> Visitor<'de> for IdVisitor {
    type Value = Id<'de>;

    fn expecting(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str("a plain id")
    }

    fn visit_u64<E: de::Error>(self, number: u64) -> Result<Id<'de>, E> {
        if number < ID_END {
            return Ok(Id::Number(number));
        }
        Err(E::custom("a long number"))
    }

    fn visit_borrowed_str<E: de::Error>(self, text: &'de str) -> Result<Id<'de>, E> {
        let is_plain = |byte: u8| matches!(byte, b' '..=b'~') && byte != b'\\' && byte != b'"';
        if text.len() <= ID_BYTES_MAX && text.bytes().all(is_plain) {
            return Ok(Id::Text(text));
        }
        Err(E::custom("a text that is long or not plain"))
    }
}

/// What a request body asks for, if it is nothing but submissions.
struct Request<'a> {
    is_batch: bool,
    ids: Vec<Id<'a>>,
    raws: Vec<Vec<u8>>,
}

/// The transactions of one body, and what to answer if all of them are taken.
#[derive(Debug)]
pub struct Submission {
    /// In the order of the calls.
    pub decoded: Vec<Decoded>,
    /// `None` if one of them cannot be.
    pub answer: Option<Vec<u8>>,
}

/// Reads each body that holds nothing but submissions, at most `calls_max` of them, and decodes
/// what they submit on at most `threads` threads; `None` stands for a body to be read otherwise.
pub fn decode_submissions<B: AsRef<[u8]>>(
    bodies: &[B],
    chain_id: u64,
    threads: usize,
    calls_max: usize,
) -> Vec<Option<Submission>> {
    let mut raws = Vec::with_capacity(bodies.len());
    let requests: Vec<_> = bodies
        .iter()
        .map(|body| {
            let mut request = read(body.as_ref(), calls_max)?;
            let start = raws.len();
            raws.append(&mut request.raws);
            Some((request, start..raws.len()))
        })
        .collect();
    let threads = if raws.len() < SHARED_FROM { 1 } else { threads };
    let mut decoded = decode_transactions(&raws, chain_id, threads).into_iter();
    let mut take = |(request, span): (Request<'_>, Range<usize>)| {
        let decoded: Vec<_> = decoded.by_ref().take(span.len()).collect();
        let answer = answer(&request, &decoded);
        Submission { decoded, answer }
    };
    requests
        .into_iter()
        .map(|found| found.map(&mut take))
        .collect()
}

fn read(body: &[u8], calls_max: usize) -> Option<Request<'_>> {
    let is_batch = *body.iter().find(|byte| !byte.is_ascii_whitespace())? == b'[';
    let calls: Vec<Call<'_>> = if is_batch {
        serde_json::from_slice(body).ok()?
    } else {
        vec![serde_json::from_slice(body).ok()?]
    };
    // An array of a call's members in their order would pass for the object: no bracket may stand
    // but those around the batch and the params.
    let brackets = body.iter().filter(|byte| **byte == b'[').count();
    let is_sized = (1..=calls_max).contains(&calls.len());
    if !is_sized || brackets != calls.len() + usize::from(is_batch) {
        return None;
    }
    let mut request = Request {
        is_batch,
        ids: Vec::with_capacity(calls.len()),
        raws: Vec::with_capacity(calls.len()),
    };
    for call in calls {
        if call.jsonrpc != "2.0" || call.method != METHOD {
            return None;
        }
        let digits = call.params[0].strip_prefix("0x")?;
        if digits.starts_with("0x") {
            return None; // the decoder would drop a second prefix, too
        }
        request.raws.push(hex::decode(digits).ok()?);
        request.ids.push(call.id);
    }
    Some(request)
}

fn answer(request: &Request<'_>, decoded: &[Decoded]) -> Option<Vec<u8>> {
    let mut text = Vec::with_capacity(2 + decoded.len() * 128);
    if request.is_batch {
        text.push(b'[');
    }
    for (place, (id, decoded)) in request.ids.iter().zip(decoded).enumerate() {
        let hash = decoded.as_ref().ok()?.hash;
        if place > 0 {
            text.push(b',');
        }
        text.extend_from_slice(b"{\"jsonrpc\":\"2.0\",\"id\":");
        match id {
            Id::Number(number) => text.extend_from_slice(number.to_string().as_bytes()),
            Id::Text(id) => {
                text.push(b'"');
                text.extend_from_slice(id.as_bytes());
                text.push(b'"');
            }
        }
        text.extend_from_slice(b",\"result\":\"0x");
        text.extend_from_slice(hex::encode(hash).as_bytes());
        text.extend_from_slice(b"\"}");
    }
    if request.is_batch {
        text.push(b']');
    }
    Some(text)
}
