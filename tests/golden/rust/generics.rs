fn largest<'a, T: PartialOrd, const N: usize>(items: &'a [T; N]) -> Option<&'a T> {
    let mut best = items.first()?;
    for item in items {
        if item > best { best = item }
    }
    Some(best)
}

impl<const N: usize> Buffer<N> {
    fn len(&self) -> usize { N }
}

impl<F> Handler for F
where
    F: Fn(i32) -> i32,
{
    fn call(&self, x: i32) -> i32 { self(x) }
}
