"""Pipelines of real classes with random weights, a few hundred kilobytes each."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from lvbench.features.torchvision_shim import import_torchvision


def save(name: str, folder: Path) -> Path:
    """Write the pipeline of a class into a folder; return the folder."""
    import_torchvision()
    import torch

    torch.manual_seed(0)
    _MAKERS[name](name).save_pretrained(folder)
    return folder


def _tokenizer() -> Any:
    """Return a tokenizer that reads letter by letter."""
    from tokenizers import Tokenizer, models, pre_tokenizers
    from transformers import PreTrainedTokenizerFast

    words = ["<pad>", "</s>", "<unk>", *"abcdefghijklmnopqrstuvwxyz.,=;- "]
    vocabulary = {word: number for number, word in enumerate(words)}
    tokenizer = Tokenizer(models.WordLevel(vocabulary, unk_token="<unk>"))
    tokenizer.pre_tokenizer = pre_tokenizers.Split("", "isolated")
    return PreTrainedTokenizerFast(
        tokenizer_object=tokenizer, pad_token="<pad>", eos_token="</s>", unk_token="<unk>"
    )


def _text(kind: str) -> dict[str, Any]:
    import transformers

    sizes = {"vocab_size": 64, "d_model": 32, "d_kv": 8, "d_ff": 37, "num_layers": 2}
    config = getattr(transformers, f"{kind}Config")(num_heads=4, **sizes)
    encoder = getattr(transformers, f"{kind}EncoderModel")(config).eval()
    return {"tokenizer": _tokenizer(), "text_encoder": encoder}


def _wan_vae() -> Any:
    from diffusers import AutoencoderKLWan

    return AutoencoderKLWan(
        base_dim=3,
        z_dim=16,
        dim_mult=[1, 1, 1, 1],
        num_res_blocks=1,
        temperal_downsample=[False, True, True],
    )


_TRANSFORMER = {
    "num_attention_heads": 2,
    "attention_head_dim": 12,
    "out_channels": 16,
    "num_layers": 2,
}


def _wan(name: str) -> Any:
    import diffusers

    pictured = "Image" in name
    transformer = diffusers.WanTransformer3DModel(
        patch_size=(1, 2, 2),
        in_channels=36 if pictured else 16,
        text_dim=32,
        freq_dim=256,
        ffn_dim=32,
        rope_max_seq_len=32,
        **_TRANSFORMER,
    )
    no_encoder = {"image_encoder": None, "image_processor": None} if pictured else {}
    return getattr(diffusers, name)(
        vae=_wan_vae(),
        scheduler=diffusers.FlowMatchEulerDiscreteScheduler(shift=7.0),
        transformer=transformer,
        **_text("UMT5"),
        **no_encoder,
    )


def _skyreels(name: str) -> Any:
    import diffusers

    transformer = diffusers.SkyReelsV2Transformer3DModel(
        patch_size=(1, 2, 2),
        in_channels=16,
        text_dim=32,
        freq_dim=256,
        ffn_dim=32,
        rope_max_seq_len=32,
        **_TRANSFORMER,
    )
    return getattr(diffusers, name)(
        vae=_wan_vae(),
        scheduler=diffusers.UniPCMultistepScheduler(flow_shift=8.0, use_flow_sigmas=True),
        transformer=transformer,
        **_text("UMT5"),
    )


def _ltx(name: str) -> Any:
    import diffusers

    transformer = diffusers.LTXVideoTransformer3DModel(
        in_channels=8,
        out_channels=8,
        patch_size=1,
        patch_size_t=1,
        num_attention_heads=4,
        attention_head_dim=8,
        cross_attention_dim=32,
        num_layers=1,
        caption_channels=32,
    )
    vae = diffusers.AutoencoderKLLTXVideo(
        in_channels=3,
        out_channels=3,
        latent_channels=8,
        block_out_channels=(8, 8, 8, 8),
        decoder_block_out_channels=(8, 8, 8, 8),
        layers_per_block=(1, 1, 1, 1, 1),
        decoder_layers_per_block=(1, 1, 1, 1, 1),
        spatio_temporal_scaling=(True, True, False, False),
        decoder_spatio_temporal_scaling=(True, True, False, False),
        decoder_inject_noise=(False, False, False, False, False),
        upsample_residual=(False, False, False, False),
        upsample_factor=(1, 1, 1, 1),
        timestep_conditioning=False,
        patch_size=1,
        patch_size_t=1,
        encoder_causal=True,
        decoder_causal=False,
    )
    vae.use_framewise_encoding = False
    vae.use_framewise_decoding = False
    return getattr(diffusers, name)(
        vae=vae,
        scheduler=diffusers.FlowMatchEulerDiscreteScheduler(),
        transformer=transformer,
        **_text("T5"),
    )


def _framepack(name: str) -> Any:
    import diffusers
    import transformers

    transformer = diffusers.HunyuanVideoFramepackTransformer3DModel(
        in_channels=4,
        out_channels=4,
        num_attention_heads=2,
        attention_head_dim=10,
        num_layers=1,
        num_single_layers=1,
        num_refiner_layers=1,
        patch_size=2,
        guidance_embeds=True,
        text_embed_dim=16,
        pooled_projection_dim=8,
        rope_axes_dim=(2, 4, 4),
        image_condition_type=None,
        has_image_proj=True,
        image_proj_dim=32,
        has_clean_x_embedder=True,
    )
    vae = diffusers.AutoencoderKLHunyuanVideo(
        latent_channels=4,
        down_block_types=("HunyuanVideoDownBlock3D",) * 4,
        up_block_types=("HunyuanVideoUpBlock3D",) * 4,
        block_out_channels=(8, 8, 8, 8),
        layers_per_block=1,
        norm_num_groups=4,
    )
    sizes = {"intermediate_size": 37, "num_hidden_layers": 2, "num_attention_heads": 4}
    words = {"vocab_size": 64, "pad_token_id": 0, "bos_token_id": 1, "eos_token_id": 1}
    llama = transformers.LlamaConfig(hidden_size=16, **sizes, **words)
    clip = transformers.CLIPTextConfig(hidden_size=8, projection_dim=32, **sizes, **words)
    siglip = transformers.SiglipVisionConfig(hidden_size=32, patch_size=4, image_size=16, **sizes)
    return getattr(diffusers, name)(
        vae=vae,
        scheduler=diffusers.FlowMatchEulerDiscreteScheduler(shift=7.0),
        transformer=transformer,
        tokenizer=_tokenizer(),
        text_encoder=transformers.LlamaModel(llama).eval(),
        tokenizer_2=_tokenizer(),
        text_encoder_2=transformers.CLIPTextModel(clip).eval(),
        image_encoder=transformers.SiglipVisionModel(siglip).eval(),
        feature_extractor=transformers.SiglipImageProcessor(size={"height": 16, "width": 16}),
    )


_MAKERS = {
    "HunyuanVideoFramepackPipeline": _framepack,
    "WanPipeline": _wan,
    "WanImageToVideoPipeline": _wan,
    "SkyReelsV2DiffusionForcingPipeline": _skyreels,
    "LTXPipeline": _ltx,
    "LTXConditionPipeline": _ltx,
}
