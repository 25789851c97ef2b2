#[derive(Debug, Clone)]
pub enum Token {
    /// A number.
    Number(f64),
    Name { text: String, line: u32 },
    End,
}

pub const TABLE: [(&str, u8); 2] = [
    ("a", 1),
    ("b", 2),
];

type Result<T> = std::result::Result<T, Error>;
