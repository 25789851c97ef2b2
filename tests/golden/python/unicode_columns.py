名前 = "𝕏𝕏"; función = lambda ñ: "é" + ñ
class Größe:
    def messen(self): return "—"
# a line separator   in a comment ends no line
def after(): return "…\f"
