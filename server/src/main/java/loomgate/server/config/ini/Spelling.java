package loomgate.server.config.ini;

import java.util.Collection;
import java.util.Comparator;
import java.util.Locale;
import java.util.Optional;

/// Guesses which known name a mistyped one was meant to be.
public final class Spelling {

    private Spelling() {}

    /// The known name that needs the fewest changes, if few enough that it is probably meant.
    public static Optional<String> nearest(String name, Collection<String> known) {
        String typed = normal(name);
        int tolerance = Math.max(1, typed.length() / 3);
        return known.stream()
                .filter(candidate -> Math.abs(candidate.length() - typed.length()) <= tolerance)
                .filter(candidate -> distance(typed, normal(candidate)) <= tolerance)
                .min(Comparator.comparingInt(candidate -> distance(typed, normal(candidate))));
    }

    /// The nearest name as the end of a message: `; did you mean processes?`, or nothing.
    public static String suggestion(String name, Collection<String> known) {
        return nearest(name, known).map(nearest -> "; did you mean " + nearest + "?").orElse("");
    }

    private static String normal(String name) {
        return name.toLowerCase(Locale.ROOT).replace('_', '-');
    }

    /// Letters inserted, left out, changed, or swapped with their neighbour (optimal string alignment).
    private static int distance(String a, String b) {
        int[][] cost = new int[a.length() + 1][b.length() + 1];
        for (int i = 0; i <= a.length(); i++) {
            for (int j = 0; j <= b.length(); j++) {
                cost[i][j] = i == 0 || j == 0 ? i + j : cheapest(cost, a, b, i, j);
            }
        }
        return cost[a.length()][b.length()];
    }

    private static int cheapest(int[][] cost, String a, String b, int i, int j) {
        int changed = cost[i - 1][j - 1] + (a.charAt(i - 1) == b.charAt(j - 1) ? 0 : 1);
        int best = Math.min(changed, 1 + Math.min(cost[i - 1][j], cost[i][j - 1]));
        boolean swapped = i > 1 && j > 1
                && a.charAt(i - 1) == b.charAt(j - 2) && a.charAt(i - 2) == b.charAt(j - 1);
        return swapped ? Math.min(best, cost[i - 2][j - 2] + 1) : best;
    }
}
