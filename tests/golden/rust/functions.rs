//! A crate.
use std::{
    fmt,
    io::{self, Read},
};

/// Adds.
#[inline]
#[must_use]
pub fn add(a: i32, b: i32) -> i32 { a + b }

pub(crate) async fn fetch<T>(url: &str) -> Result<T, io::Error>
where
    T: Default,
{
    let text = get(url).await?; // words
    Ok(parse(&text))
}

const fn size() -> usize { 4 }
unsafe extern "C" fn raw(p: *mut u8) { *p = 1; }
extern "C" { fn ext(x: i32); }
#[cfg(test)] fn one_line() {}
