module Strings where

text :: String -> String
text name = "one\
    \ two" ++ name ++ "-- no comment {- nor this -}"

quoted = [sql|
  SELECT *
    FROM t
|]
char '-' = '"'
