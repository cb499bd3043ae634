//! The region that a capsule's `Cargo.toml` declares. Of TOML only the one table of plain numbers is read:
//! a build script that needed a TOML parser would make every capsule's first build wait for it.

use crate::{StaticRegion, parse};

const TABLE: &str = "[package.metadata.inos]";
const PAGE_BYTES: u64 = 65536;

/// The region that `manifest` declares inside `range`, or what is wrong about it.
pub(crate) fn region(manifest: &str, range: StaticRegion) -> Result<StaticRegion, String> {
    let region = StaticRegion {
        offset: number(manifest, "static-offset")?,
        bytes: number(manifest, "static-bytes")?,
    };
    let StaticRegion { offset, bytes } = region;
    let end = range.offset + range.bytes;
    let is_inside = offset >= range.offset && offset < end && bytes >= 1 && bytes <= end - offset;
    if offset.is_multiple_of(PAGE_BYTES) && is_inside {
        return Ok(region);
    }
    Err(format!(
        "its static region, {bytes} bytes at {offset:#x}, must start at a multiple of {PAGE_BYTES:#x} \
         and lie within {:#x}..{end:#x}",
        range.offset
    ))
}

/// The value of `key = NUMBER` in the table.
fn number(manifest: &str, key: &str) -> Result<u64, String> {
    let missing = || format!("{TABLE} must have {key} = NUMBER");
    let mut lines = manifest.lines().map(str::trim);
    lines.find(|line| *line == TABLE).ok_or_else(missing)?;
    let value = lines
        .take_while(|line| !line.starts_with('['))
        .find_map(|line| {
            let (name, value) = line.split_once('=')?;
            (name.trim() == key).then(|| value.split('#').next().unwrap_or_default().trim())
        });
    value.and_then(parse).ok_or_else(missing)
}

#[cfg(test)]
mod tests {
    use super::*;

    const RANGE: StaticRegion = StaticRegion {
        offset: 0x140_0000,
        bytes: 0xc0_0000,
    };

    fn declared(offset: &str, bytes: &str) -> Result<StaticRegion, String> {
        let table = format!("{TABLE}\nstatic-offset = {offset} # ours\nstatic-bytes={bytes}\n");
        let manifest = format!("[package]\nstatic-offset = 1\n{table}\n[lib]\nstatic-bytes = 2");
        region(&manifest, RANGE)
    }

    #[test]
    fn reads_the_declared_region() {
        let expected = StaticRegion {
            offset: 0x150_0000,
            bytes: 0x10_0000,
        };
        assert_eq!(declared("0x1500000", "0x10_0000"), Ok(expected));
        assert_eq!(declared("22020096", "1_048_576"), Ok(expected));
    }

    #[test]
    fn refuses_what_lies_elsewhere() {
        for (offset, bytes) in [
            ("0x1300000", "0x100000"),
            ("0x1400001", "0x10000"),
            ("0x2000000", "0x10000"),
            ("0x1ff0000", "0x10001"),
            ("0x1400000", "0"),
            ("0x1400000", "0xffffffffffffffff"),
        ] {
            let problem = declared(offset, bytes).expect_err(offset);
            assert!(problem.contains("0x1400000..0x2000000"), "{problem}");
        }
        assert!(declared("0x1ff0000", "0x10000").is_ok());
    }

    #[test]
    fn names_what_is_missing() {
        let problem = declared("somewhere", "1").expect_err("not a number");
        assert!(problem.contains("static-offset"), "{problem}");
        let problem = region("[package.metadata.inos]\nstatic-offset = 1", RANGE);
        assert!(problem.is_err_and(|text| text.contains("static-bytes")));
        assert!(region("[package]\nstatic-offset = 1", RANGE).is_err());
    }
}
