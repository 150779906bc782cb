package dev.ancestral.job.train.dl4j;

import com.esotericsoftware.kryo.DefaultSerializer;
import com.esotericsoftware.kryo.serializers.JavaSerializer;
import dev.ancestral.job.train.spec.ModelConfig;
import dev.ancestral.model.Network;
import dev.ancestral.tensor.ParameterLayout;
import dev.ancestral.tensor.Precision;
import dev.ancestral.tensor.dl4j.ObjectiveGraph;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import org.deeplearning4j.nn.api.Layer;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.conf.inputs.InputType;
import org.deeplearning4j.nn.conf.layers.samediff.SDLayerParams;
import org.deeplearning4j.nn.conf.layers.samediff.SameDiffOutputLayer;
import org.deeplearning4j.optimize.api.TrainingListener;
import org.nd4j.autodiff.samediff.SDVariable;
import org.nd4j.autodiff.samediff.SameDiff;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.learning.config.IUpdater;
import org.nd4j.linalg.learning.regularization.Regularization;

/**
 * A whole network with its loss as the only layer of a ComputationGraph. Its parameters lie in
 * DeepLearning4J's flat vector as the network's layout has them in ours.
 *
 * <p>It carries the recipe of the network, not the network, and each process writes the graph down
 * for itself.
 */
@DefaultSerializer(JavaSerializer.class) // The masters broadcast it, perhaps by Kryo.
final class ObjectiveLayer extends SameDiffOutputLayer {
  private static final long serialVersionUID = 1L;

  /** The name of the layer in its graph. */
  static final String NAME = "objective";

  private static final String ACTIVATIONS = "activations";

  private final ModelConfig recipe;
  private final int steps;
  private final int rows;
  private final List<PlayerRule> rules;

  /**
   * The layer of a network.
   *
   * @param steps of the longest example
   * @param rows of a batch
   * @param rules that move the players' parameters
   */
  ObjectiveLayer(ModelConfig recipe, int steps, int rows, List<PlayerRule> rules) {
    this.recipe = recipe;
    this.steps = steps;
    this.rows = rows;
    this.rules = rules;
  }

  Network network() {
    return (Network) recipe.define();
  }

  /** The numbers in a row of the input. */
  int width() {
    return objective().columns().width();
  }

  private ObjectiveGraph objective() {
    return ObjectiveGraph.of(network(), steps, rows);
  }

  @Override
  public SDVariable defineLayer(
      SameDiff graph, SDVariable input, SDVariable labels, Map<String, SDVariable> parameters) {
    SDVariable loss = objective().define(graph, input, parameters, Precision.FLOAT32);
    graph.identity(ACTIVATIONS, loss);
    graph.setLossVariables(ObjectiveGraph.LOSS);
    return loss;
  }

  @Override
  public String activationsVertexName() {
    return ACTIVATIONS;
  }

  @Override
  public boolean labelsRequired() {
    return false;
  }

  @Override
  public void defineParameters(SDLayerParams parameters) {
    for (ParameterLayout.Parameter parameter : network().parameters().parameters()) {
      parameters.addWeightParam(parameter.name(), parameter.dimensions());
    }
  }

  /** They are set as one vector before anything is trained. */
  @Override
  public void initializeParameters(Map<String, INDArray> parameters) {
    parameters.values().forEach(parameter -> parameter.assign(0));
  }

  @Override
  public InputType getOutputType(int layerIndex, InputType inputType) {
    return InputType.feedForward(1);
  }

  @Override
  public IUpdater getUpdaterByParam(String name) {
    return rule(name).updater();
  }

  @Override
  public List<Regularization> getRegularizationByParam(String name) {
    return rule(name).decay();
  }

  private PlayerRule rule(String parameter) {
    return rules.stream()
        .filter(rule -> parameter.startsWith(rule.prefix()))
        .findFirst()
        .orElseThrow();
  }

  @Override
  public Layer instantiate(
      NeuralNetConfiguration configuration,
      Collection<TrainingListener> listeners,
      int index,
      INDArray parametersView,
      boolean initialize,
      DataType type) {
    ObjectiveRuntime layer = new ObjectiveRuntime(configuration, type, network().players().size());
    layer.setIndex(index);
    layer.setParamsViewArray(parametersView);
    layer.setParamTable(initializer().init(configuration, parametersView, initialize));
    layer.setConf(configuration);
    return layer;
  }
}
