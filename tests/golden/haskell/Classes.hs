{-# LANGUAGE FlexibleInstances #-}
module Classes where

class Shape a where
  area :: a -> Double
  describe :: a -> String
  describe _ = "a shape"
  {-# MINIMAL area #-}

data Circle = Circle { radius :: Double } deriving (Eq, Show)

instance Shape Circle where
  area (Circle r) = pi * r * r

instance Show a => Shape (Maybe a) where
  area Nothing = 0
  area (Just _) = 1
  describe = show

instance Num a => Semigroup (Sum a) where
  Sum a <> Sum b = Sum (a + b)
