package dev.ancestral.oracle;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.ancestral.model.EventSpec;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class OraclesTest {

  static List<Oracle> withoutNetworks() {
    return Oracles.withoutNetworks();
  }

  @ParameterizedTest
  @MethodSource("withoutNetworks")
  void every_law_holds(Oracle oracle) {
    requireAll(oracle);
  }

  static void requireAll(Oracle oracle) {
    List<Verdict> verdicts = oracle.verdicts();
    assertTrue(verdicts.size() > 1, () -> oracle + " knows little: " + verdicts);
    for (Verdict verdict : verdicts) {
      assertTrue(verdict.holds(), verdict::line);
    }
  }

  @Test
  void events_are_numbered_in_their_order() {
    EnumeratedEvents events = new EnumeratedEvents(EventSpec.discrete(3, 4), 1);
    assertEquals(81, events.count());
    for (int i = 0; i < 81; i++) {
      assertEquals(i, events.number(events.all(), i));
    }
  }
}
