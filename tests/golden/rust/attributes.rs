#![allow(dead_code)]

/// Documented.
#[cfg(feature = "a")]
// an ordinary comment

#[deprecated(
    since = "1.0",
    note = "use other",
)]
pub fn old() {}

#[derive(Default)]
struct Unit;

fn plain() {
    #[allow(unused)]
    let x = 1;
    #[cfg(windows)]
    fn nested() {}
}
