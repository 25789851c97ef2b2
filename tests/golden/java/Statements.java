class Statements {
    int classify(Object value, int n) {
        switch (n) {
            case 1:
            case 2:
                return 1;
            default:
                break;
        }
        String text = switch (n) {
            case 3 -> "three";
            case 4, 5 -> {
                log();
                yield "more";
            }
            default -> "none";
        };
        try (var in = open()) {
            in.read();
        } catch (IOException | RuntimeException e) {
            throw e;
        } finally {
            close();
        }
        do {
            n--;
        } while (n > 0);
        for (int i = 0; i < n; i++)
            if (i == 2)
                continue;
        if (value instanceof String s && s.isEmpty()) {
            return 2;
        }
        else
        {
            synchronized (this) { n++; }
        }
        outer:
        for (;;) {
            break outer;
        }
        assert n > 0 : "positive";
        return n;
    }
}
