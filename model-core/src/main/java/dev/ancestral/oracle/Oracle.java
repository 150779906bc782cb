package dev.ancestral.oracle;

import java.util.List;

/** Knows numbers without any data. */
public interface Oracle {

  /** Whether each law holds in this build, on this machine. */
  List<Verdict> verdicts();

  /** The families of models that it judges, by the names that a specification gives them. */
  default List<String> families() {
    return List.of();
  }
}
