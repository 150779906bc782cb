package dev.ancestral.job.train.checkpoint;

import dev.ancestral.AncestralException;
import dev.ancestral.ErrorCode;
import dev.ancestral.data.Storage;
import dev.ancestral.job.model.ModelDirectory;
import dev.ancestral.model.Definition;
import dev.ancestral.model.EventSpec;
import dev.ancestral.model.Network;
import dev.ancestral.tensor.ParameterLayout;
import java.util.List;

/**
 * {@code train.initialize}: a fitted model, of whatever engine, whose parameters a run begins with.
 */
public final class StartingModel {
  private StartingModel() {}

  /**
   * Opens the model.
   *
   * @param uri of the model; empty for none
   * @param family that is trained
   * @param definition of what is trained
   * @param event of the data
   * @return the model, or null for none
   * @throws AncestralException (SPEC) if the family draws no parameters; (DATA) if no model is
   *     there; (MISMATCH) if its parameters or its data are others
   */
  public static ModelDirectory open(
      Storage storage, String uri, String family, Definition definition, EventSpec event) {
    if (uri.isEmpty()) {
      return null;
    }
    if (!(definition instanceof Network network)) {
      throw new AncestralException(
          ErrorCode.SPEC,
          "train.initialize is "
              + uri
              + ", but "
              + family
              + " is fitted in whole passes and draws no parameters; leave the key out");
    }
    ModelDirectory model = ModelDirectory.open(storage, uri);
    model.requireEvent(event);
    List<ParameterLayout.Parameter> given =
        model.definition() instanceof Network other ? other.parameters().parameters() : List.of();
    String difference = difference(network.parameters(), given);
    if (difference != null) {
      throw new AncestralException(
          ErrorCode.MISMATCH,
          "train.initialize is "
              + uri
              + ", a "
              + model.family()
              + " with other parameters ("
              + difference
              + "); give the same keys under model as there, or leave initialize out");
    }
    return model;
  }

  private static String difference(ParameterLayout wanted, List<ParameterLayout.Parameter> given) {
    for (ParameterLayout.Parameter parameter : wanted.parameters()) {
      List<Long> found =
          given.stream()
              .filter(other -> other.name().equals(parameter.name()))
              .map(ParameterLayout.Parameter::shape)
              .findFirst()
              .orElse(null);
      if (!parameter.shape().equals(found)) {
        return "'"
            + parameter.name()
            + "' is "
            + parameter.shape()
            + " here and "
            + (found == null ? "missing" : found)
            + " there";
      }
    }
    return given.size() == wanted.parameters().size()
        ? null
        : given.size() + " tensors there, " + wanted.parameters().size() + " here";
  }
}
