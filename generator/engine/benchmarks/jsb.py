"""Nats per frame on the published Bach chorale split, beside the published figures (Bai, Kolter, Koltun 2018;
Boulanger-Lewandowski, Bengio, Vincent 2012). The trained weights stay in the work folder: they are never shipped."""

import json

from generator.engine.measuring.options import BenchmarkError, Options
from generator.engine.measuring.results import Result, make_plot, make_result, make_table

TARGET = 5.0
PUBLISHED = {"LSTM": 8.45, "TCN": 8.10, "RNN-RBM": 6.27, "RNN-NADE": 5.56}
EPOCHS = 85


def run(options: Options) -> Result:
    from generator.engine.measuring.chorale_training import load_chorale_network, measure_frames, train_chorales
    from generator.engine.measuring.chorales import read_chorales

    if options.chorales is None:
        raise BenchmarkError("chorales: no file named. Name the published JSB_Chorales.mat with --chorales.")
    pieces = read_chorales(options.chorales)
    folder = options.work / "jsb"
    network = load_chorale_network(folder)
    if network is None:
        network = train_chorales(options.chorales, folder=folder, epochs=EPOCHS, seed=options.seed)
    nats = {split: round(measure_frames(network, frames), 4) for split, frames in pieces.items()}
    curve = json.loads((folder / "curve.json").read_text())
    best = min(curve, key=lambda row: row["validation_nats"])
    ours = nats["test"]
    rows = [["this engine's network (two LSTM layers of 256)", ours], *([n, f] for n, f in PUBLISHED.items())]
    epochs = [row["epoch"] for row in curve]
    return make_result(
        claim=f"{ours:.2f} nats per frame on the test chorales, where the best figure quoted beside it is 5.56",
        target=f"below {TARGET} nats per frame",
        met=ours < TARGET,
        value=ours,
        nats_per_frame=nats,
        parameters=network.count_params(),
        epochs=len(curve),
        best_epoch=best["epoch"],
        training_cpu_seconds=curve[-1]["cpu_seconds"],
        tables=[make_table("Test set", columns=["Method", "Nats per frame"], rows=rows)],
        plots=[
            make_plot(
                "Validation chorales",
                file="jsb.png",
                x="epoch",
                y="nats per frame",
                lines={"averaged weights": (epochs, [min(row["validation_nats"], 10.0) for row in curve])},
            )
        ],
        notes=[
            "Every frame is scored, the first of a piece too; a frame's probability is the product over its notes, low "
            "to high, and the symbol that ends it. Trained on the published training pieces alone, each moved by up to "
            "six semitones anew in every epoch; the epoch is chosen on the validation pieces.",
            f"Training was stopped after {len(curve)} epochs ({curve[-1]['cpu_seconds'] / 60:.0f} CPU minutes); "
            "`python -m generator.engine.measuring.chorale_training` goes on. The weights are not shipped.",
        ],
    )
