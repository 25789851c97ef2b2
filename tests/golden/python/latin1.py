#!/usr/bin/python
# -*- coding: latin-1 -*-
def grüße():
    return "ä"; x = lambda: "ö"
