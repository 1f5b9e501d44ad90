"""How personal facts are shown to those who need to recognise them but not to know them."""


def mask_phone(phone: str) -> str:
    """The middle hidden: 13812345678 becomes 138****5678."""
    if len(phone) < 7:
        return "*" * len(phone)
    return f"{phone[:3]}{'*' * (len(phone) - 7)}{phone[-4:]}"


def mask_name(name: str) -> str:
    """The family name and the last character stay: 王秀英 becomes 王*英, 王英 becomes 王*."""
    if len(name) <= 1:
        return name
    if len(name) == 2:
        return f"{name[0]}*"
    return f"{name[0]}{'*' * (len(name) - 2)}{name[-1]}"
