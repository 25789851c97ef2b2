mod outer {
    pub mod inner {
        pub fn deep() -> u8 { 1 }
        impl Display for Deep { fn fmt(&self) {} }
        impl Deep { fn get(&self) -> u8 { self.0 } }
    }
    mod elsewhere;
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_works() {
        assert_eq!(outer::inner::deep(), 1);
    }
}
