package dev.ancestral.oracle.tree;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.ancestral.oracle.Verdict;
import java.util.List;
import org.junit.jupiter.api.Test;

class TreeOracleTest {

  @Test
  void every_law_holds() {
    List<Verdict> verdicts = new TreeOracle().verdicts();
    assertEquals(3, verdicts.size());
    verdicts.forEach(verdict -> assertTrue(verdict.holds(), verdict::line));
  }
}
