pub struct Stack<T> {
    items: Vec<T>, // bottom first
    size: usize,
}

impl<T: Clone> Stack<T> {
    /// Makes one.
    pub fn new() -> Self {
        Stack { items: Vec::new(), size: 0 }
    }

    pub fn push(&mut self, item: T) {
        self.items.push(item);
        self.size += 1;
    }
}

impl<T: fmt::Debug> fmt::Display for Stack<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result { write!(f, "{:?}", self.items) }
}

impl From<Vec<u8>> for Stack<u8> {
    fn from(items: Vec<u8>) -> Self { Self { size: items.len(), items } }
}

impl<'a> IntoIterator for &'a Stack<u8> { fn into_iter(self) -> Iter<'a> { self.items.iter() } }

unsafe impl Send for Raw {}
