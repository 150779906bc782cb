package dev.ancestral.job.verify;

import java.util.List;

/** Knows a number without any data. */
interface Oracle {
  List<Verdict> verdicts();
}
