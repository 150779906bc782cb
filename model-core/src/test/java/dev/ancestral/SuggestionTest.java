package dev.ancestral;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class SuggestionTest {
  private static final List<String> WORDS =
      List.of("vae", "gan", "hmm", "pixelcnn", "batchSize", "epochs", "two-sample", "learningRate");

  @ParameterizedTest
  @CsvSource({
    "vea, vae",
    "van, gan",
    "batch_size, batchSize",
    "bacthsize, batchSize",
    "epoch, epochs",
    "pixel-cnn, pixelcnn",
    "pixelcn, pixelcnn",
    "twosample, two-sample",
    "lerningrate, learningRate"
  })
  void the_nearest_word_is_found(String given, String meant) {
    assertEquals(Optional.of(meant), Suggestion.nearest(given, WORDS));
    assertEquals("; did you mean " + meant + "?", Suggestion.question(given, WORDS));
  }

  @Test
  void a_word_that_is_far_from_all_is_not_guessed() {
    for (String word : List.of("transformer", "x", "zq", "latent", "")) {
      assertEquals("", Suggestion.question(word, WORDS), word);
    }
  }

  @Test
  void the_others_keep_their_order() {
    assertEquals(List.of("c", "a", "b"), Suggestion.nearestFirst("C", List.of("a", "b", "c")));
    assertEquals(List.of("aa", "bb"), Suggestion.nearestFirst("xyz", List.of("aa", "bb")));
  }
}
