"""What the deck of the midterm review states, in the order of its slides, one entry per statement.

    STATEMENTS   name -> topic and the statement in our own words; templates name the entries that they cover

The blueprint (`docs/coverage/12.md`) lists every statement with the templates that ask about it.
"""

from typing import NamedTuple

from courseware.practice.question import Topic


class Statement(NamedTuple):
    """One fact, formula or method of the deck."""

    topic: Topic
    text: str


_OPTIMIZATION = {
    "common_step_size": "A separate step size per weight has too many parameters; adaptive methods start from a common one.",
    "oscillating_directions": "Steps should shrink where a weight oscillates and grow where it keeps moving one way.",
    "momentum_update": "Momentum: ΔW ← βΔW − η∇Err(W), W ← W + ΔW.",
    "momentum_average": "Momentum is a running average of gradients: oscillations cancel, consistent directions add up.",
    "nesterov_update": "Nesterov evaluates the gradient at the look-ahead point W + βΔW.",
    "curvature_idea": "The learning rate should be larger along directions of low curvature and smaller along high ones.",
    "first_moment": "First moment: v ← β₁v + (1 − β₁)g.",
    "second_moment": "Second moment: r ← β₂r + (1 − β₂)g² (RMSProp); Adagrad adds the squares up.",
    "adam_update": "Adam: W ← W − η/(δ + √r)·v.",
    "adam_robust": "Adam works well in practice and is fairly robust to its hyper-parameters.",
    "mini_batch_update": "SGD draws one random example per step, mini-batch SGD a random subset of size b.",
    "unbiased_gradient": "The gradient of a random example or mini-batch is an unbiased estimate of the full gradient.",
    "batch_variance": "A mini-batch of size b divides the variance by b and costs b times as much.",
    "variance_and_rate": "A smaller variance of the gradient gives faster convergence.",
    "gradient_descent_rate": "Full gradient descent on convex f with Lipschitz gradient: error O(1/k).",
    "sgd_rate": "SGD with diminishing steps on convex f: expected error O(1/√k), with cheaper iterations.",
    "diminishing_steps": "The rates of SGD need diminishing step sizes.",
    "mini_batch_rate": "Mini-batch SGD: O(1/√(bk) + 1/k); for small b the same rate per operation as SGD.",
}
_PARALLEL = {
    "synchronous_sum": "Synchronous SGD: worker p sends the sum of the gradients of its part of the mini-batch.",
    "communication_cost": "Communication slows training down; a larger batch communicates less often per epoch.",
    "large_batch_training": "A large batch needs more passes over the data to reach the same training error.",
    "large_batch_generalization": "A large batch generalises worse (AlexNet on ImageNet; Keskar et al., 2017).",
    "shuffling": "Parallel SGD with shuffling of the data converges faster.",
    "asynchronous_noise": "Asynchrony adds noise that hardly affects the rate if the delays are bounded.",
    "hogwild_serial": "Hogwild is equivalent to a noisy serial SGD.",
    "hogwild_delay": "Delays τ ≤ n/(2Δ_av) do not affect the convergence of Hogwild.",
    "hogwild_speedup": "Hogwild has linear speed-ups, in terms of worst-case convergence.",
    "fedavg_round": "FedAvg: run SGD locally, then average the models.",
    "fedavg_communication": "FedAvg saves communication by local updates and by using a subset of the devices.",
    "fedavg_sizes": "Devices may hold different numbers of examples, which the average has to respect.",
    "fedavg_versus_distributed": "Distributed SGD takes one step per round at a common w; FedAvg moves w at every local step.",
    "data_heterogeneity": "Heterogeneous data slow down the convergence of FedAvg, and move its limit.",
    "system_heterogeneity": "Devices differ in speed: stragglers.",
    "fedprox_objective": "FedProx: each device minimises F_k(w_k) + μ/2 ‖w_k − w‖².",
    "fedprox_partial": "FedProx uses the partial work of stragglers, with a guarantee under bounded dissimilarity.",
    "qffl_objective": "q-FFL minimises 1/(q + 1) Σ p_k F_k^{q+1}: a larger q is fairer.",
}
_SUBMODULAR = {
    "diminishing_gains": "Submodular: F(A ∪ e) − F(A) ≥ F(B ∪ e) − F(B) for all A ⊆ B.",
    "union_intersection": "Equivalently F(S) + F(T) ≥ F(S ∪ T) + F(S ∩ T).",
    "monotone": "Monotone: S ⊆ T implies F(S) ≤ F(T).",
    "prove_submodular": "How to show that a function is submodular.",
    "cardinality_problem": "The problem: maximise F(S) over sets of at most k elements.",
    "greedy_cost": "Greedy adds the element of largest gain; it evaluates O(nk) gains.",
    "greedy_guarantee": "For monotone submodular F, greedy reaches (1 − 1/e)·OPT.",
    "lazy_greedy": "Lazy greedy uses old gains as upper bounds and re-evaluates only what is on top.",
    "lazy_worst_case": "Lazy greedy is orders of magnitude faster in practice, but still Ω(nk) in the worst case.",
    "greedi_algorithm": "GreeDi: greedy on each machine's part, then greedy on the union of what they chose.",
    "greedi_guarantee": "GreeDi: F(A) ≥ Ω(1/√min(m, k))·OPT.",
    "greedi_cost": "GreeDi: n/m elements per machine; one round of communication, two with shuffling.",
    "sieve_thresholds": "Sieve-streaming guesses OPT by (1 + ε)^i between m and 2km, and updates m on the fly.",
    "sieve_guarantee": "Sieve-streaming: one pass, (1/2 − ε)·OPT.",
    "sieve_memory": "Sieve-streaming: O(k log k / ε) memory and O(log k / ε) update time.",
}
_SELECTION = {
    "forgetting_event": "A forgetting event: an example is misclassified after it was classified correctly.",
    "unforgettable": "Unforgettable examples have no forgetting event.",
    "forgettable_support": "Examples that have been forgotten support those that have not, but hardly the other way round.",
    "forgetting_noise": "Examples with noisy labels are forgotten more often.",
    "grand": "GraNd: expected norm of an example's loss gradient at time t.",
    "el2n": "EL2N: E‖p(w, x) − y‖₂.",
    "el2n_noise": "Examples with noisy labels have higher EL2N.",
    "hard_or_easy": "Keep hard examples if data are abundant and easy ones if data are scarce.",
    "summary_speedup": "Training on a subset S* alone is |V|/|S*| times as fast.",
    "gradient_coreset": "The smallest weighted subset whose weighted gradient is within ε of the full gradient.",
    "exemplar_bound": "Σ_i min_{j∈S} ‖∇f_i − ∇f_j‖ bounds the gradient error; its minimiser is a set of exemplars.",
    "convex_bound": "Convex models: d_ij ≤ const·‖x_i − x_j‖, so S* is found once, before training.",
    "network_bound": "Networks: d_ij from gradients at the input of the last layer; cheap, but S* must be updated.",
    "craig_algorithm": "CRAIG: greedy exemplars per class, weighted by cluster sizes, weighted incremental gradient steps.",
    "crest_regions": "CREST finds a coreset for every region where the loss is nearly convex: more updates early.",
    "crest_difficulty": "CREST first needs easy examples, later harder ones, and never the easiest.",
    "crust_jacobian": "CRUST selects clean examples by a low-rank Jacobian: clean gradients cluster, noisy ones spread.",
    "crust_result": "CRUST's subsets hold mostly clean labels (CIFAR-10, 50 % symmetric noise).",
    "poisoning_problem": "Targeted poisoning: a bilevel problem with l∞-bounded perturbations of under 1 % of the data.",
    "poisoning_gradient": "Poisons must mimic the gradient of the adversarially labelled target.",
    "effective_poisons": "Only some poisons can match that gradient; they lie close to the target in gradient space.",
    "epic_isolated": "Effective poisons become isolated; Epic drops clusters of size 1 of k-medoids in gradient space.",
    "spurious_definition": "A spurious correlation: a class-irrelevant feature correlates with the label; minority groups suffer.",
    "spurious_early": "Simple features (smaller variance or larger magnitude) are learned early.",
    "spurious_core": "The model does not learn core features of majority groups; larger models are more prone.",
    "spurious_clusters": "Clustering the model's output early in training separates majority from minority.",
    "spurious_upsample": "Remedy 1: sample minority clusters with a higher probability.",
    "spurious_gdro": "Remedy 2: group DRO gives the group of largest loss a larger weight.",
    "smaller_better": "Fine-tuning on a subset can be better: distribution shift, and forgetting of pretraining.",
    "llm_gradients": "Last-layer gradients of language models have too many dimensions.",
    "s2l_lemma": "With small curvature, examples with similar loss trajectories have similar gradients.",
    "s2l_algorithm": "S2L: trajectories of a small proxy, clusters, equally many examples from each cluster.",
}
_PRUNING = {
    "granularity": "Fine-grained pruning is more precise; structured pruning is easier to accelerate.",
    "compression_ratio": "Compression: all parameters divided by nonzero parameters.",
    "theoretical_speedup": "Theoretical speed-up: all operations divided by nonzero operations.",
    "report_both": "Report both: the same compression can mean different speed-ups; from the end one must prune more.",
    "magnitude_pruning": "Magnitude pruning removes the weights (or groups) of smallest L1 norm.",
    "gradient_magnitude": "Gradient magnitude: weight times gradient, then the L1 norm.",
    "local_or_global": "Local: the same sparsity in every layer; global: compared over the whole network.",
    "train_pruned": "Over 90 % of the weights can go; trained from scratch pruned networks do worse if re-initialised.",
    "winning_ticket": "With their original initial weights, pruned networks recover the accuracy (lottery tickets).",
    "imp": "Iterative magnitude pruning: train, prune, reset, repeat.",
    "imp_rewinding": "IMP with rewinding resets to iteration k instead of 0.",
    "rewinding_variants": "Fine-tuning, weight rewinding and learning-rate rewinding differ in what is reset.",
    "snip": "SNIP: |θ ∂L/∂θ|, a first-order approximation of the change of the loss, at initialisation.",
    "grasp": "GraSP: −θ ⊙ Hg, keeps the gradient norm at initialisation.",
    "layer_collapse": "One-shot masks lead to layer collapse: magnitude empties the widest layers, random the smallest.",
    "synflow": "SynFlow: iterative pruning by R = 1ᵀ ∏|θ| 1, without data.",
    "tickets_transfer": "Tickets generalise across data sets and optimizers.",
}

STATEMENTS: dict[str, Statement] = {
    name: Statement(topic, text)
    for topic, texts in (
        (Topic.OPTIMIZATION, _OPTIMIZATION),
        (Topic.PARALLEL, _PARALLEL),
        (Topic.SUBMODULAR, _SUBMODULAR),
        (Topic.SELECTION, _SELECTION),
        (Topic.PRUNING, _PRUNING),
    )
    for name, text in texts.items()
}
"""Every statement by name, in the order of the deck."""
