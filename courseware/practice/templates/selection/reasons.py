"""Reasons for what methods of data selection do: which examples they keep, and why."""

import numpy as np

from courseware.practice.question import Draft, Mistake, Topic
from courseware.practice.template import Kind, template, templates_in
from courseware.practice.templates.forms import Variant, in_words

TOPIC = Topic.SELECTION


DIFFICULTY = (
    Variant(
        "You have very few labelled examples and must discard half of them. Which half does the deck advise to keep?",
        "The easy half, because hard examples invite overfitting.",
        (
            Mistake("The hard half, because easy examples are redundant.", "This holds for abundant data."),
            Mistake("The forgettable half, because training on it also teaches the rest.", "With scarce data the easiest are kept."),
            Mistake("A random half, because scores need many examples.", "The deck gives a better rule for scarce data."),
        ),
        ("With scarce data keep the easiest examples, with abundant data the hardest ones.",),
    ),
    Variant(
        "You have an abundance of clean labelled data and want to train on a third of it. Which third does the deck advise "
        "to keep?",
        "The hard third: easy examples are redundant.",
        (
            Mistake("The easy third: hard examples are outliers.", "This is the advice for scarce data."),
            Mistake("The third of lowest EL2N: it is clean.", "Low EL2N means easy; here the labels are clean anyway."),
            Mistake("The unforgettable third: it is never forgotten.", "Unforgettable examples are those one can do without."),
        ),
        ("With abundant data, the easy examples repeat what the model knows; the hard ones carry information.",),
    ),
    Variant(
        "A model trained on the *forgettable* examples alone is also accurate on the *unforgettable* ones; the reverse does "
        "not hold. What follows for pruning a data set?",
        "Unforgettable examples can be left out first.",
        (
            Mistake("Forgettable examples can be left out first.", "They are needed: training on them also teaches the others."),
            Mistake("Both kinds must be kept in equal numbers.", "The effect goes one way, so the two kinds are not equally useful."),
            Mistake("Forgettable examples must be relabelled first.", "Being forgotten does not prove a wrong label."),
        ),
        ("Training on forgettable examples also teaches the unforgettable ones; the reverse hardly holds.",),
    ),
    Variant(
        "A tenth of the labels is wrong. Why is it a mistake to keep the examples with the highest EL2N or forgetting score?",
        "Wrong labels have the highest scores.",
        (
            Mistake("Wrong labels have the lowest scores.", "A wrong label contradicts the prediction: its score is high."),
            Mistake("Wrong labels have no defined score.", "Scores are computed from the given label, right or wrong."),
            Mistake("Wrong labels are never forgotten.", "They are forgotten more often; none is unforgettable in the deck's figure."),
        ),
        ("Noisy-labelled examples are forgotten more often and have a higher EL2N, so they fill the top of the ranking.",),
    ),
    Variant(
        "The deck defines GraNd as an expected gradient norm, and EL2N as an expected error norm. How are they related?",
        "EL2N is the norm of the gradient at the logits.",
        (
            Mistake("EL2N is the norm of the gradient at the inputs.", "The gradient at the inputs needs all layers."),
            Mistake("EL2N is the square of GraNd for any network.", "GraNd also contains the norms of features and weights."),
            Mistake("EL2N is GraNd averaged over all epochs.", "Both are taken at a time $t$ and averaged over runs."),
        ),
        ("For cross-entropy the gradient with respect to the logits is $p-y$, and EL2N is its norm.",),
    ),
)  # fmt: skip


@template(
    TOPIC, Kind.JUDGE,
    covers=("hard_or_easy", "forgettable_support", "unforgettable", "forgetting_noise", "el2n_noise", "grand"),
    difficulty=1, minutes=2,
)  # fmt: skip
def which_examples_to_keep(rng: np.random.Generator) -> Draft:
    return in_words(rng, DIFFICULTY)


CORESETS = (
    Variant(
        "For logistic regression CRAIG chooses its subset once, before training. For a deep network it has to choose anew. "
        "Why?",
        "Distances of features no longer bound those of gradients, which change with $w$.",
        (
            Mistake("The features of a network's inputs are unknown and change with $w$.", "The inputs do not change during training."),
            Mistake("Greedy is not exact for a network, and its errors add up over time.", "Greedy is not exact for either model."),
            Mistake("Classes become unbalanced during training, so weights must be renewed.", "Class sizes do not change during training."),
        ),
        (
            r"For convex models $d_{ij}\le\text{const}\cdot\|x_i-x_j\|$ for all $w$, so medoids of the features serve throughout.",
            "For networks $d_{ij}$ comes from the gradient at the input of the last layer, which is cheap but changes with $w$.",
        ),
    ),
    Variant(
        "When does CREST choose new coresets, and how often over the course of training?",
        "When the quadratic model of the loss is off: often early, rarely late.",
        (
            Mistake("When the quadratic model of the loss is off: rarely early, often late.", "Curvature is large early, so updates are frequent then."),
            Mistake("After every epoch, because gradients change: equally often.", "CREST adapts to the region; it has no fixed period."),
            Mistake("Once, because one coreset serves every convex region.", "A coreset holds for one region only."),
        ),
        ("CREST finds a coreset for every region where the loss is nearly convex, and trains on it within the region.",
         "The deck: more updates at the beginning and fewer towards the end of training."),
    ),
    Variant(
        "How does the difficulty of the examples that CREST selects change during training?",
        "From easy ones to harder ones, never the very easiest.",
        (
            Mistake("From hard ones to easier ones, until all of them are learned.", "It is the other way round."),
            Mistake("Always the hardest ones, at every stage.", "Early in training the useful ones are easy to learn."),
            Mistake("From the very easiest to random ones.", "The easiest are never needed, and the choice is not random."),
        ),
        ("Early on the most effective subsets are easy to learn; later the difficulty rises; the easiest are never required.",),
    ),
    Variant(
        "S2L clusters loss trajectories instead of gradients. What makes this valid for fine-tuning?",
        "Small curvature: similar trajectories then mean similar gradients.",
        (
            Mistake("Large curvature: similar gradients then mean similar loss trajectories.", "The lemma assumes small curvature."),
            Mistake("Convexity: the same subset then serves for every model.", "Fine-tuning a language model is not convex."),
            Mistake("Sparsity: most gradients are then equal to zero.", "Gradients are too large to handle, not zero."),
        ),
        ("Fine-tuning has a smooth loss of small curvature; then examples with similar loss trajectories have similar gradients.",),
    ),
    Variant(
        "Why can CRAIG's way of clustering last-layer gradients not simply be used for a language model?",
        "Even last-layer gradients have too many dimensions.",
        (
            Mistake("Even last-layer gradients are not defined.", "They are defined, but huge."),
            Mistake("Last-layer gradients are the same for all examples.", "They differ; the trouble is their size."),
            Mistake("Last-layer gradients need labels of the classes.", "Next tokens serve as labels."),
        ),
        ("The deck's example: the last V projection of Phi-2 has 6.5 million dimensions, and 327 thousand with LoRA.",),
    ),
    Variant(
        "S2L samples equally many examples from every cluster, not in proportion to its size. What is the gain?",
        "Small groups of the data are learned better.",
        (
            Mistake("Large groups of the data are learned better.", "Large clusters get less than their share."),
            Mistake("The gradient estimate becomes unbiased.", "Equal numbers per cluster are not proportional, so not unbiased."),
            Mistake("The loss trajectories need no small model.", "Trajectories still come from a small proxy model."),
        ),
        ("Equal samples give rare groups more weight, and the deck reports a better overall downstream performance.",),
    ),
    Variant(
        "Fine-tuning on a well-chosen subset can beat fine-tuning on all data. Which reason does the deck give?",
        "The training data differ from the test distribution.",
        (
            Mistake("The training data have no labels at first.", "The deck does not say this."),
            Mistake("The test data are part of the subset.", "That would be leakage, not a reason."),
            Mistake("The gradient of a subset has no variance, unlike that of all data.", "A smaller set does not remove the variance."),
        ),
        ("There is a large shift between training and test data; also, larger data can make the model forget its pretraining.",),
    ),
)  # fmt: skip


@template(
    TOPIC, Kind.JUDGE,
    covers=(
        "convex_bound", "network_bound", "crest_regions", "crest_difficulty", "s2l_lemma", "llm_gradients",
        "s2l_algorithm", "smaller_better",
    ),
    difficulty=2, minutes=3,
)  # fmt: skip
def how_coresets_are_chosen(rng: np.random.Generator) -> Draft:
    return in_words(rng, CORESETS)


ROBUST = (
    Variant(
        "Half of the labels are wrong, uniformly at random. What makes the clean examples visible in gradient space?",
        "Clean gradients form clusters; noisy ones spread out.",
        (
            Mistake("Noisy gradients form clusters; clean ones spread out.", "Uniformly random labels do not agree, so they spread."),
            Mistake("Clean gradients are zero; noisy ones are large.", "Early in training clean examples have gradients, too."),
            Mistake("Noisy gradients are zero; clean ones are large.", "A wrong label contradicts the prediction, so its gradient is large."),
        ),
        ("CRUST selects examples whose Jacobian is approximately of low rank: clean data with similar gradients.",),
    ),
    Variant(
        r"A targeted attack poisons under 1 % of the data within a small $\ell_\infty$ bound. What must the poisons achieve in gradient "
        "space?",
        "Mimic the gradient of the target with the adversarial label.",
        (
            Mistake("Mimic the gradient of the target with its true label.", "Then the target would be classified correctly."),
            Mistake("Cancel the gradient of all clean examples.", "Under 1 % of the data cannot cancel the rest."),
            Mistake("Enlarge the gradient of the clean validation data.", "The attack is targeted at one test example."),
        ),
        (r"$\nabla\mathcal L(x_t,y_{adv},\theta)\approx\frac{1}{|V_p|}\sum_{i\in V_p}\nabla\mathcal L(x_i+\delta_i,y_i,\theta)$.",),
    ),
    Variant(
        "Why does dropping clusters of size 1 work against poisoning, although most poisons stay in the data?",
        "Only few poisons are effective, and those are isolated.",
        (
            Mistake("All poisons are effective, and all are isolated.", "Only a fraction can be optimised within the bound."),
            Mistake("Most poisons are effective, but every one of them is harmless alone.", "Most are ineffective; they may stay."),
            Mistake("Few poisons are isolated, but they hold the labels.", "Labels play no role in the isolation."),
        ),
        ("Bounded perturbations let only a fraction of the poisons match the target's gradient.",
         "Those move away from their class in gradient space and become isolated; the ineffective ones may stay."),
    ),
    Variant(
        "In a class, 95 % of the images show a green background, which has nothing to do with the object. What happens "
        "during training?",
        "The background is learned early, and minority images fail.",
        (
            Mistake("The object is learned early, and the background is ignored.", "The simpler feature is learned first."),
            Mistake("The background is learned late, when the loss is small.", "Simple features are learned in the first epochs."),
            Mistake("Both are learned, and larger models ignore the background.", "Larger models are more prone to spurious correlations."),
        ),
        ("Features of smaller variance or larger magnitude are learned early; majority examples then have a low loss.",
         "So the core feature of the majority is not learned, and the worst-group accuracy is poor."),
    ),
    Variant(
        "Group labels are unknown. How does the deck find majority and minority groups, and when?",
        "By clustering the model's outputs early in training.",
        (
            Mistake("By clustering the model's inputs before training.", "It is the outputs that show what is learned first."),
            Mistake("By clustering the model's outputs at the end of training.", "At the end all groups may be fitted."),
            Mistake("By clustering the model's weights early in training.", "Weights belong to no group of examples."),
        ),
        ("A spurious feature is learned in the first epochs, so outputs separate; the larger cluster holds the majority.",),
    ),
    Variant(
        "Of two features of a class, the one that the network learns first is …",
        "the one with the smaller variance or the larger magnitude.",
        (
            Mistake("the one with the larger variance or the smaller magnitude.", "It is the other way round: simple features come first."),
            Mistake("the one that is causally related to the label.", "The network does not know which one is causal."),
            Mistake("the one that fewer examples of the class have.", "A feature that most examples have is learned first."),
        ),
        ("The deck calls such features simple, and says that they are learned faster.",),
    ),
    Variant(
        "CIFAR-10 with 50 % symmetric label noise: what does the deck's figure show about CRUST's subsets?",
        "They hold mostly correct labels.",
        (
            Mistake("They hold half correct labels, like all data.", "This would be a random subset."),
            Mistake("They hold mostly hard examples.", "The figure is about correct labels."),
            Mistake("They hold correct labels only.", "A subset of 70 % cannot: only about half of the labels are correct."),
        ),
        ("The fraction of correct labels in the subset is far above one half: CRUST finds the clean labels.",),
    ),
)  # fmt: skip


@template(
    TOPIC, Kind.JUDGE,
    covers=(
        "crust_jacobian", "crust_result", "poisoning_gradient", "effective_poisons", "epic_isolated",
        "spurious_definition", "spurious_early", "spurious_core", "spurious_clusters",
    ),
    difficulty=1, minutes=2,
)  # fmt: skip
def noise_poison_and_shortcuts(rng: np.random.Generator) -> Draft:
    return in_words(rng, ROBUST)


TEMPLATES = templates_in(vars())
