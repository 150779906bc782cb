package dev.ancestral.model.hmm;

import dev.ancestral.config.Settings;
import java.util.List;

/** Which states a chain may begin in and which may follow which; the rest has probability zero. */
interface Topology {
  /** Anything may follow anything. */
  Topology ERGODIC = new Topology() {};

  /** Begins in state 0, and each step stays or goes on to the next state (Bakis). */
  Topology LEFT_RIGHT =
      new Topology() {
        @Override
        public boolean begins(int state) {
          return state == 0;
        }

        @Override
        public boolean follows(int state, int next) {
          return next == state || next == state + 1;
        }
      };

  /** Whether a sequence may begin in the state. */
  default boolean begins(int state) {
    return true;
  }

  /** Whether the next state may come after the state. */
  default boolean follows(int state, int next) {
    return true;
  }

  /**
   * Zeros and ones that were written out.
   *
   * @param beginnings a digit for each state; empty for all
   * @param successors a row of digits for each state before; none for all
   */
  record Pattern(String beginnings, List<String> successors) implements Topology {
    public Pattern {
      successors = List.copyOf(successors);
    }

    @Override
    public boolean begins(int state) {
      return beginnings.isEmpty() || beginnings.charAt(state) == '1';
    }

    @Override
    public boolean follows(int state, int next) {
      return successors.isEmpty() || successors.get(state).charAt(next) == '1';
    }
  }

  /** Reads {@code topology}, or {@code beginnings} and {@code successors} in its place. */
  static Topology read(Settings settings, int states) {
    String name = settings.text("topology", "ergodic", "ergodic", "left-right");
    String beginnings = settings.text("beginnings", "");
    List<String> successors = settings.texts("successors", List.of());
    String digits = states + " digits 0 or 1, one a state and at least one of them 1";
    if (!beginnings.isEmpty() && !isRow(beginnings, states)) {
      settings.wrong("beginnings", beginnings, digits);
      return ERGODIC;
    }
    boolean rows =
        successors.size() == states && successors.stream().allMatch(row -> isRow(row, states));
    if (!successors.isEmpty() && !rows) {
      settings.wrong("successors", successors, states + " texts in quotes, each of " + digits);
      return ERGODIC;
    }
    if (beginnings.isEmpty() && successors.isEmpty()) {
      return name.equals("left-right") ? LEFT_RIGHT : ERGODIC;
    }
    if (!name.equals("ergodic")) {
      settings.wrong("topology", name, "left out where beginnings or successors are given");
    }
    return new Pattern(beginnings, successors);
  }

  private static boolean isRow(String row, int states) {
    return row.matches("[01]*1[01]*") && row.length() == states;
  }
}
