package dev.ancestral.data.prepare;

import dev.ancestral.AncestralException;
import dev.ancestral.ErrorCode;
import dev.ancestral.data.ColumnOrder;
import dev.ancestral.data.DatasetManifest;
import dev.ancestral.data.source.Source;
import dev.ancestral.model.EventSpec;
import java.util.List;

/**
 * How the examples of an input fit a dataset.
 *
 * @param encoding the event that the source lays its payloads out for
 * @param event of the dataset, after binarization
 * @param classNames of the dataset; empty where labels are numbers
 * @param labels for each label that the source gives the one of the dataset; empty if they agree
 */
record Fit(EventSpec encoding, EventSpec event, List<String> classNames, List<Integer> labels) {

  /**
   * The first split fixes the event; a later one may use fewer levels, characters and classes.
   *
   * @param before the dataset so far, or null
   * @throws AncestralException (MISMATCH) if the examples do not fit it
   */
  static Fit of(
      Source.Survey survey, Binarization binarize, DatasetManifest before, String output) {
    EventSpec found = survey.event();
    EventSpec event = binarize.event(found);
    if (before == null) {
      return new Fit(found, event, survey.classNames(), List.of());
    }
    EventSpec fixed = before.event();
    if (event.learnedEnd() != fixed.learnedEnd()) {
      throw new AncestralException(
          ErrorCode.MISMATCH,
          "the examples of the input "
              + (event.learnedEnd() ? "end" : "do not end")
              + " with an end symbol, those of the dataset at "
              + output
              + (fixed.learnedEnd() ? " do" : " do not")
              + "; the first split fixes this: "
              + (fixed.learnedEnd() ? "give" : "leave out")
              + " 'end: learned'");
    }
    if (!found.vocabulary().isEmpty() && !fixed.vocabulary().isEmpty()) {
      refuseUnknownCharacters(survey, fixed, output);
    }
    refuseOtherColumns(event, fixed, output);
    List<Integer> labels =
        event.hasLabels() && fixed.hasLabels()
            ? labels(survey.classNames(), before.classNames(), output)
            : List.of();
    if (!fits(event, fixed)) {
      throw new AncestralException(
          ErrorCode.MISMATCH,
          "the input does not fit the dataset at "
              + output
              + ": it has "
              + describe(event)
              + (event.levels() > fixed.levels() && fixed.isDiscrete()
                  ? " (the largest value is at " + survey.largestAt() + ")"
                  : "")
              + ", the dataset "
              + describe(fixed)
              + "; the first split fixes this: mend the input, or begin a new dataset with the"
              + " split that has most");
    }
    return new Fit(
        binarize instanceof Binarization.None ? fixed : found, fixed, before.classNames(), labels);
  }

  private static List<Integer> labels(List<String> found, List<String> fixed, String output) {
    if (found.isEmpty() && fixed.isEmpty()) {
      return List.of();
    }
    if (!fixed.containsAll(found) || found.isEmpty()) {
      throw new AncestralException(
          ErrorCode.MISMATCH,
          "the labels of the input are "
              + (found.isEmpty() ? "numbers" : found)
              + ", those of the dataset at "
              + output
              + " are "
              + (fixed.isEmpty() ? "numbers" : fixed)
              + "; the first split fixes them: leave out what does not fit, or begin a new dataset"
              + " with the split that has all");
    }
    return found.stream().map(fixed::indexOf).toList();
  }

  /** The same columns in another order are brought into that of the dataset. */
  private static void refuseOtherColumns(EventSpec event, EventSpec fixed, String output) {
    if (!ColumnOrder.of(event, fixed).event(event).sameColumns(fixed)) {
      throw new AncestralException(
          ErrorCode.MISMATCH,
          "the input has the columns "
              + event.columnNames()
              + ", the dataset at "
              + output
              + " has "
              + fixed.columnNames()
              + "; the first split fixes them: name the same ones (columns), or begin a new"
              + " dataset");
    }
  }

  private static void refuseUnknownCharacters(
      Source.Survey survey, EventSpec fixed, String output) {
    List<String> unknown =
        survey.event().vocabulary().stream()
            .filter(character -> !fixed.vocabulary().contains(character))
            .toList();
    if (!unknown.isEmpty()) {
      throw new AncestralException(
          ErrorCode.MISMATCH,
          "the text has "
              + unknown.size()
              + " characters that the dataset at "
              + output
              + " has no code for, first '"
              + unknown.get(0)
              + "' at "
              + survey.characterAt(unknown.get(0))
              + "; the first split fixes the vocabulary of "
              + fixed.vocabulary().size()
              + ": remove them, or begin a new dataset with the text that has all");
    }
  }

  private static boolean fits(EventSpec event, EventSpec fixed) {
    boolean elements =
        fixed.isDiscrete() ? event.isDiscrete() && event.levels() <= fixed.levels() : true;
    return elements
        && event.schema().equals(fixed.schema())
        && (fixed.missing() || !event.missing())
        && event.shape().equals(fixed.shape())
        && event.variableLength() == fixed.variableLength()
        && event.hasLabels() == fixed.hasLabels()
        && event.classes() <= fixed.classes()
        && event.vocabulary().isEmpty() == fixed.vocabulary().isEmpty()
        && event.sampleRate() == fixed.sampleRate();
  }

  private static String describe(EventSpec event) {
    return event.describe()
        + (event.vocabulary().isEmpty() ? "" : ", text")
        + (event.sampleRate() == 0 ? "" : ", " + event.sampleRate() + " samples a second");
  }
}
