#!/usr/bin/env runghc
import System.Environment

main = getArgs >>= mapM_ putStrLn
square x = x * x
