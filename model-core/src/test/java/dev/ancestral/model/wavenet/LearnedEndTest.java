package dev.ancestral.model.wavenet;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.ancestral.model.EndedSequences;
import dev.ancestral.model.EventSpec;
import dev.ancestral.model.ExactModel;
import dev.ancestral.model.network.NetworkModel;
import dev.ancestral.tensor.torch.TorchEngine;
import java.util.Map;
import java.util.function.Consumer;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A WaveNet of sequences whose end it learns is a distribution over sequences of any length. */
class LearnedEndTest {

  private static void with(String head, Consumer<ExactModel> check) {
    EventSpec event = EndedSequences.twoSymbols();
    WaveNet network = SmallWaveNets.of(event, Map.of("head", head, "mixtures", 2));
    assertEquals("log p(x)", network.condition().notation());
    try (TorchEngine engine = TorchEngine.open(TorchEngine.Options.cpu());
        ExactModel model =
            (ExactModel) NetworkModel.bind(network, SmallWaveNets.parameters(engine, network))) {
      check.accept(model);
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"categorical", "logistic-mixture"})
  void sums_to_one_over_all_sequences_that_end(String head) {
    with(head, model -> EndedSequences.assertSumsToOne(model, 9, 1e-5));
  }

  @ParameterizedTest
  @ValueSource(strings = {"categorical", "logistic-mixture"})
  void draws_end_by_themselves_as_often_as_it_says(String head) {
    with(head, EndedSequences::assertDrawsEnd);
  }

  @ParameterizedTest
  @ValueSource(strings = {"categorical", "logistic-mixture"})
  void a_draw_is_the_same_in_any_company_and_cut_off_by_a_length(String head) {
    with(head, EndedSequences::assertCompanyDoesNotMatter);
    with(head, EndedSequences::assertBoundCutsOff);
  }
}
