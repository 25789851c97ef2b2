{-# LANGUAGE GADTs, KindSignatures #-}
module Types where

import Data.Kind (Type)

data Expr :: Type -> Type where
  Lit :: Int -> Expr Int
  Add :: Expr Int -> Expr Int -> Expr Int

newtype Parser a = Parser { runParser :: String -> Maybe (a, String) }

type family Elem c

eval :: Expr a -> a
eval (Lit n) = n
eval (Add a b) = eval a + eval b
