record Range(int low, int high) {
    Range {
        if (low > high) throw new IllegalArgumentException();
    }

    Range(int high) { this(0, high); }

    int size() { return high - low; }
}

sealed interface Shape permits Circle, Square {}
