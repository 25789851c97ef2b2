pub trait Shape {
    const SIDES: u32;
    fn area(&self) -> f64;
    fn describe(&self) -> String {
        format!("{} sides", Self::SIDES)
    }
}

impl dyn Shape {
    fn boxed(self) -> Box<dyn Shape> { Box::new(self) }
}

impl<T> Shape for Box<T> where T: Shape + ?Sized {
    fn area(&self) -> f64 { (**self).area() }
}
