//! The file of an export: a zip with a manifest that names the SHA-256 of every other part.

use super::history::{Histories, Manifest, Part};
use qudao_domain::contract::Descriptor;
use serde::Deserialize;
use serde::de::DeserializeOwned;
use sha2::{Digest as _, Sha256};
use std::collections::BTreeMap;
use std::io::{Cursor, Read as _, Write as _};
use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, ZipArchive, ZipWriter};

/// What the manifest says that the file is.
pub const FORMAT: &str = "qudao-plugin-export";
/// The version of the file's shape that is written and read.
pub const VERSION: i64 = 1;

const MANIFEST: &str = "manifest.json";
const MANIFEST_BYTES: u64 = 64 * 1024;
const MIB: u64 = 1024 * 1024;

/// Every other part, with the most bytes that it may have.
const COMPONENT: (&str, u64) = ("component.wasm", 16 * MIB);
const DESCRIPTOR: (&str, u64) = ("descriptor.json", MIB);
const REPORT: (&str, u64) = ("report.json", MIB);
const SIGNATURES: (&str, u64) = ("signatures.txt", MIB);
const HISTORY: (&str, u64) = ("history.json", 8 * MIB);
const PARTS: [(&str, u64); 5] = [COMPONENT, DESCRIPTOR, REPORT, SIGNATURES, HISTORY];

/// What an export holds.
#[derive(Debug, Clone)]
pub struct Package {
    /// Where it comes from, and which plugin it is. Its list of parts is made when it is written.
    pub manifest: Manifest,
    /// The component.
    pub component: Vec<u8>,
    /// What the component says of itself.
    pub descriptor: Descriptor,
    /// What the checks measured there.
    pub report: serde_json::Value,
    /// Signatures as they are written, one a line.
    pub signatures: String,
    /// What it went through.
    pub histories: Histories,
}

/// Why a file is not taken as an export.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum NotAnExport {
    /// Not a zip, or its end is missing.
    #[error("this is no zip file, or its end is missing; export the plugin again, or fetch the file again")]
    NotZip,
    /// A zip of something else.
    #[error(
        "this is no export of a plugin; `qudao plugin export` and the button on a plugin's page make one"
    )]
    Foreign,
    /// A later or unknown shape.
    #[error(
        "the file has version {0}, this server reads version {VERSION}; update the older of both servers"
    )]
    Version(i64),
    /// A part that is missing, there twice, or not known.
    #[error("the part {0} is missing, there twice, or does not belong there; export the plugin again")]
    Parts(String),
    /// More than a part may have.
    #[error("the part {part} has more than {limit} bytes, which is the most that is read")]
    TooLarge {
        /// Which part.
        part: String,
        /// The most bytes.
        limit: u64,
    },
    /// The part is not what the manifest says.
    #[error(
        "the part {0} was changed or damaged since the export; export the plugin again, or fetch the file again"
    )]
    Damaged(String),
    /// The part has the right bytes, and they cannot be read.
    #[error("the part {part} cannot be read: {why}")]
    Unreadable {
        /// Which part.
        part: String,
        /// Why.
        why: String,
    },
}

/// Writes the file.
///
/// # Errors
/// [`NotAnExport::TooLarge`] for a part that could not be read again.
pub fn write(package: &Package) -> Result<Vec<u8>, NotAnExport> {
    let text = |(part, _): (&str, u64), bytes: serde_json::Result<Vec<u8>>| {
        bytes.map_err(|error| NotAnExport::Unreadable { part: part.to_owned(), why: error.to_string() })
    };
    let descriptor = text(DESCRIPTOR, serde_json::to_vec_pretty(&package.descriptor))?;
    let report = text(REPORT, serde_json::to_vec_pretty(&package.report))?;
    let history = text(HISTORY, serde_json::to_vec_pretty(&package.histories))?;
    let bytes: [&[u8]; 5] =
        [&package.component, &descriptor, &report, package.signatures.as_bytes(), &history];
    let mut parts = BTreeMap::new();
    for ((name, limit), bytes) in PARTS.iter().zip(bytes) {
        let size = bytes.len() as u64;
        if size > *limit {
            return Err(NotAnExport::TooLarge { part: (*name).to_owned(), limit: *limit });
        }
        parts.insert((*name).to_owned(), Part { size, sha256: hex::encode(Sha256::digest(bytes)) });
    }
    let manifest = Manifest { parts, ..package.manifest.clone() };
    let manifest = text((MANIFEST, 0), serde_json::to_vec_pretty(&manifest))?;
    let mut named = vec![(MANIFEST, manifest.as_slice())];
    named.extend(PARTS.iter().map(|(name, _)| *name).zip(bytes));
    zipped(&named).map_err(|error| NotAnExport::Unreadable { part: "zip".to_owned(), why: error.to_string() })
}

fn zipped(parts: &[(&str, &[u8])]) -> zip::result::ZipResult<Vec<u8>> {
    let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
    let options = SimpleFileOptions::default().compression_method(CompressionMethod::Deflated);
    for (name, bytes) in parts {
        zip.start_file(*name, options)?;
        zip.write_all(bytes)?;
    }
    Ok(zip.finish()?.into_inner())
}

/// Reads a file, whoever made it: at most so many bytes of each part, and each against the manifest.
///
/// # Errors
/// [`NotAnExport`].
pub fn read(bytes: &[u8]) -> Result<Package, NotAnExport> {
    let mut zip = ZipArchive::new(Cursor::new(bytes)).map_err(|_| NotAnExport::NotZip)?;
    let manifest = manifest(&mut zip)?;
    let mut names: Vec<String> =
        zip.file_names_raw().map(|name| String::from_utf8_lossy(name).into_owned()).collect();
    names.sort_unstable();
    let known = |name: &str| name == MANIFEST || PARTS.iter().any(|(part, _)| *part == name);
    let strange = names.iter().find(|name| !known(name));
    let twice = names.windows(2).find(|pair| pair[0] == pair[1]).map(|pair| &pair[0]);
    if let Some(name) = strange.or(twice) {
        return Err(NotAnExport::Parts(name.chars().take(60).collect()));
    }
    if zip.has_duplicate_names() {
        return Err(NotAnExport::Parts(MANIFEST.to_owned()));
    }
    let mut part = |which| checked(&mut zip, &manifest, which);
    let descriptor = json(DESCRIPTOR.0, &part(DESCRIPTOR)?)?;
    let report = json(REPORT.0, &part(REPORT)?)?;
    let signatures = String::from_utf8(part(SIGNATURES)?);
    let signatures = signatures.map_err(|error| unreadable(SIGNATURES.0, &error))?;
    let histories = json(HISTORY.0, &part(HISTORY)?)?;
    let component = part(COMPONENT)?;
    Ok(Package { component, descriptor, report, signatures, histories, manifest })
}

type Zip<'a> = ZipArchive<Cursor<&'a [u8]>>;

fn manifest(zip: &mut Zip) -> Result<Manifest, NotAnExport> {
    /// What tells any version from something else.
    #[derive(Deserialize)]
    struct Head {
        format: String,
        version: i64,
    }
    if zip.index_for_name(MANIFEST).is_none() {
        return Err(NotAnExport::Foreign);
    }
    let bytes = unzipped(zip, (MANIFEST, MANIFEST_BYTES))?;
    let head: Head = serde_json::from_slice(&bytes).map_err(|_| NotAnExport::Foreign)?;
    if head.format != FORMAT {
        return Err(NotAnExport::Foreign);
    }
    if head.version != VERSION {
        return Err(NotAnExport::Version(head.version));
    }
    json(MANIFEST, &bytes)
}

/// A part, which must be what the manifest says.
fn checked(zip: &mut Zip, manifest: &Manifest, which: (&str, u64)) -> Result<Vec<u8>, NotAnExport> {
    let expected = manifest.parts.get(which.0).ok_or_else(|| NotAnExport::Parts(which.0.to_owned()))?;
    let bytes = unzipped(zip, which)?;
    let same = bytes.len() as u64 == expected.size && hex::encode(Sha256::digest(&bytes)) == expected.sha256;
    if same { Ok(bytes) } else { Err(NotAnExport::Damaged(which.0.to_owned())) }
}

/// What a part says of its size is not believed: reading ends at the limit.
fn unzipped(zip: &mut Zip, (name, limit): (&str, u64)) -> Result<Vec<u8>, NotAnExport> {
    if zip.index_for_name(name).is_none() {
        return Err(NotAnExport::Parts(name.to_owned()));
    }
    let damaged = || NotAnExport::Damaged(name.to_owned());
    let part = zip.by_name(name).map_err(|_| damaged())?;
    let mut bytes = Vec::new();
    part.take(limit + 1).read_to_end(&mut bytes).map_err(|_| damaged())?;
    if bytes.len() as u64 > limit {
        return Err(NotAnExport::TooLarge { part: name.to_owned(), limit });
    }
    Ok(bytes)
}

fn json<T: DeserializeOwned>(part: &str, bytes: &[u8]) -> Result<T, NotAnExport> {
    serde_json::from_slice(bytes).map_err(|error| unreadable(part, &error))
}

fn unreadable(part: &str, why: &dyn std::fmt::Display) -> NotAnExport {
    NotAnExport::Unreadable { part: part.to_owned(), why: why.to_string() }
}
