package dev.ancestral.oracle;

import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class NetworkOraclesTest {

  static List<Oracle> ofNetworks() {
    return Oracles.ofNetworks();
  }

  @ParameterizedTest
  @MethodSource("ofNetworks")
  void every_law_holds(Oracle oracle) {
    OraclesTest.requireAll(oracle);
  }
}
