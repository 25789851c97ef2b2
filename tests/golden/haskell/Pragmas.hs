{-# LANGUAGE CPP #-}
{-# OPTIONS_GHC -Wall #-}
module Pragmas where

fast :: Int -> Int
{-# INLINE fast #-}
fast x = x + 1

slow :: Int -> Int
slow x = x * 2
{-# NOINLINE slow #-}

{-# SPECIALIZE poly :: Int -> Int #-}
poly :: Num a => a -> a
poly x = x
#ifdef DEBUG
debug x = trace x
#endif
