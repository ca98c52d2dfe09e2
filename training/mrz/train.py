"""Train the line recogniser: `python -m training.mrz.train --out DIR` (training/README.md has the whole recipe).

Each step learns from one batch that depends on the seed and the number of the step alone. Two losses are added: where
each character stands (cross entropy for each step, since a made strip knows its places) and the whole text (CTC), which
settles the steps between. What is kept is the running average of the weights.
"""

from __future__ import annotations

import argparse
import copy
import time
from pathlib import Path

import cv2
import numpy as np
import torch
import torch.nn.functional as F  # noqa: N812 - its usual name
from torch import Tensor
from torch.utils.data import DataLoader, Dataset

from training.mrz.net import STEP, LineNet
from training.mrz.strips import StripMaker, targets, training_recipe

WIDTH = 384


class Batches(Dataset[tuple[Tensor, Tensor, Tensor, Tensor]]):
    """Batch n of a run: strips, the class of each step, all characters one after the other, and how many each has."""

    def __init__(self, seed: int, count: int, size: int, first: int = 0, warm: int = 0) -> None:
        self.seed, self.count, self.size, self.first, self.warm = seed, count, size, first, warm
        self._maker: StripMaker | None = None

    def __len__(self) -> int:
        return self.count

    def __getitem__(self, number: int) -> tuple[Tensor, Tensor, Tensor, Tensor]:
        number += self.first
        if self._maker is None:
            cv2.setNumThreads(1)
            self._maker = StripMaker(self.seed)
        rng = np.random.default_rng([self.seed, number])
        hardness = 1.0 if number >= self.warm else 0.3 + 0.7 * number / self.warm
        strips = [self._maker.strip(rng, WIDTH, training_recipe(rng, hardness)) for _ in range(self.size)]
        return (
            torch.from_numpy(np.stack([strip.pixels for strip in strips])),
            torch.from_numpy(np.stack([targets(strip, WIDTH, STEP) for strip in strips])),
            torch.from_numpy(np.concatenate([strip.characters for strip in strips]) + 1),
            torch.tensor([len(strip.characters) for strip in strips]),
        )


def normal(strips: Tensor) -> Tensor:
    """As fanal.capture.mrz_model does it: mean 0 and deviation 1 for each strip."""
    values = strips.float()
    mean = values.mean(dim=(1, 2), keepdim=True)
    spread = values.std(dim=(1, 2), keepdim=True, unbiased=False)
    return ((values - mean) / (spread + 4.0)).unsqueeze(1)


def loss_of(log_probs: Tensor, places: Tensor, texts: Tensor, lengths: Tensor, ctc_share: float) -> Tensor:
    # A character has one step and blank three: characters weigh more, or all would be blank at first.
    weights = torch.ones(log_probs.shape[2])
    weights[0] = 0.5
    loss = F.nll_loss(log_probs.flatten(0, 1), places.flatten(), weights, ignore_index=-1)
    if ctc_share:
        steps = torch.full((log_probs.shape[0],), log_probs.shape[1], dtype=torch.long)
        whole = F.ctc_loss(log_probs.transpose(0, 1), texts, steps, lengths, reduction="sum", zero_infinity=True)
        loss = loss + ctc_share * whole / max(1, int(lengths.sum()))
    return loss


def errors(log_probs: Tensor, texts: Tensor, lengths: Tensor) -> tuple[int, int]:
    """Strips not read exactly, and strips in all."""
    wrong, start = 0, 0
    best = log_probs.argmax(2).numpy()
    for row, length in zip(best, lengths.tolist(), strict=True):
        said = row[np.insert(row[1:] != row[:-1], 0, True)]
        wrong += said[said > 0].tolist() != texts[start : start + length].tolist()
        start += length
    return wrong, len(best)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--seed", type=int, default=9303)
    parser.add_argument("--steps", type=int, default=7000)
    parser.add_argument("--until", type=int, help="stop after this step, with the rates of a run of all")
    parser.add_argument("--batch", type=int, default=96)
    parser.add_argument("--rate", type=float, default=4e-3)
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--workers", type=int, default=1)
    parser.add_argument("--from", dest="start", type=Path, help="weights to go on from")
    parser.add_argument("--first", type=int, default=0, help="number of the first batch (to go on with new ones)")
    options = parser.parse_args()
    options.out.mkdir(parents=True, exist_ok=True)
    torch.manual_seed(options.seed)
    torch.set_num_threads(options.threads)

    net = LineNet()
    if options.start:
        net.load_state_dict(torch.load(options.start, weights_only=True))
    net = net.to(memory_format=torch.channels_last)
    kept = copy.deepcopy(net).eval()
    optimiser = torch.optim.AdamW(net.parameters(), lr=options.rate, weight_decay=0.01)
    schedule = torch.optim.lr_scheduler.OneCycleLR(
        optimiser,
        options.rate,
        total_steps=options.steps,
        pct_start=0.05 if options.start else 0.1,
        final_div_factor=200,
    )
    warm = 0 if options.start else min(1200, options.steps // 5)
    training = Batches(options.seed, options.steps, options.batch, options.first, warm)
    last = min(options.steps, options.until or options.steps)
    loader = DataLoader(training, batch_size=None, num_workers=options.workers, prefetch_factor=6)
    held_out = [Batches(options.seed + 1, 6, 256)[n] for n in range(6)]
    begin, running = time.monotonic(), 0.0
    for step, (strips, places, texts, lengths) in enumerate(loader, 1):
        net.train()
        # Half the time a step on processors that know bfloat16; the weights and the losses stay in single precision.
        with torch.autocast("cpu", torch.bfloat16):
            log_probs = net(normal(strips).contiguous(memory_format=torch.channels_last))
        log_probs = log_probs.float()
        loss = loss_of(log_probs, places, texts, lengths, 0.0 if step < warm // 2 else 0.3)
        optimiser.zero_grad(set_to_none=True)
        loss.backward()
        torch.nn.utils.clip_grad_norm_(net.parameters(), 2.0)
        optimiser.step()
        schedule.step()
        # The running average: short at first, then over about the last thousand steps.
        share = max(1 / step, 1 / 800) if not options.start else 1 / 400
        with torch.no_grad():
            for mine, theirs in zip(kept.state_dict().values(), net.state_dict().values(), strict=True):
                if mine.dtype.is_floating_point:
                    mine.lerp_(theirs, max(share, 0.02) if step < 1000 else share)
                else:
                    mine.copy_(theirs)
        running += (loss.item() - running) * max(1 / step, 0.02)
        if step % 100 == 0:
            print(f"{step} {time.monotonic() - begin:.0f} s loss {running:.4f}", flush=True)
        if step % 500 == 0 or step == last:
            torch.save({name: value.contiguous() for name, value in kept.state_dict().items()}, options.out / "kept.pt")
            with torch.no_grad():
                counts = [errors(kept(normal(strips)), texts, lengths) for strips, _, texts, lengths in held_out]
            wrong, among = (sum(count) for count in zip(*counts, strict=True))
            print(f"{step} held out: {wrong} of {among} strips not exact", flush=True)
        if step == last:
            break


if __name__ == "__main__":
    main()
