package dev.ancestral.distribution.statistics;

import dev.ancestral.random.RandomKey;
import dev.ancestral.schema.ColumnType;

/**
 * The codes of a category: those of its vocabulary, and that of all other texts, which is drawn
 * where the data had such texts.
 */
record CategoryOutcomes(ColumnType.Category type, String column) implements Outcomes {

  @Override
  public int count() {
    return type.codes();
  }

  @Override
  public int of(float[] x, int at) {
    int code = (int) x[at];
    if (code != x[at] || code < 0 || code > type.other()) {
      throw new IllegalArgumentException(
          "column '"
              + column
              + "' has the code "
              + x[at]
              + "; it must be a whole number from 0 to "
              + type.other()
              + ", or NaN (null)");
    }
    return code;
  }

  @Override
  public long values(int outcome) {
    return 1;
  }

  @Override
  public boolean drawable(int outcome) {
    return outcome < type.other() || type.otherSeen() || type.vocabulary().isEmpty();
  }

  @Override
  public double logWithin(int outcome, float[] x, int at) {
    return 0;
  }

  @Override
  public void draw(int outcome, RandomKey key, long index, float[] into, int at) {
    into[at] = outcome;
  }

  @Override
  public void middle(int outcome, float[] into, int at) {
    into[at] = outcome;
  }
}
